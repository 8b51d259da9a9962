//! The reading of text against labelled messages that it must hold.

#[path = "extract/score.rs"]
mod score;

#[test]
fn fields_and_categories_of_labelled_messages() {
    let mut messages = 0;
    for set in score::SETS {
        let score = score::score(set.lines);
        println!("{}: {score}", set.name);
        messages += score.messages;
        let all = score.differences.join("\n");
        // What was learned from must be kept; what was not is below the bar, and must not fall further.
        let (f1, accuracy) = if score::HELD_OUT.contains(&set.name) { (0.90, 0.88) } else { (0.97, 0.95) };
        assert!(score.f1() >= f1, "{}: F1 {:.4} is below {f1}\n{all}", set.name, score.f1());
        let told = score.category_accuracy();
        assert!(told >= accuracy, "{}: {told:.4} is below {accuracy}\n{all}", set.name);
    }
    assert!(messages >= 150, "only {messages} messages");
}
