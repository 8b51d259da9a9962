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
        assert!(score.f1() >= 0.97, "{}: F1 {:.4} is below 0.97\n{all}", set.name, score.f1());
        assert!(
            score.category_accuracy() >= 0.95,
            "{}: {:.4} is below 0.95\n{all}",
            set.name,
            score.category_accuracy()
        );
    }
    assert!(messages >= 150, "only {messages} messages");
}
