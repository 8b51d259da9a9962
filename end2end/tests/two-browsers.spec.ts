import { Exemplar, expect, HEADLINE_EXAMPLE, test } from '../fixtures';

test('two people at once see their own and nothing of each other', async ({ exemplar, browser, server }) => {
  const other = new Exemplar(await (await browser.newContext()).newPage(), server);
  await Promise.all([
    exemplar.ask(HEADLINE_EXAMPLE),
    other.ask('Claude Sonnet 4.5, 10k requests/day, 2,000 input / 500 output tokens. What does it cost?'),
  ]);
  await expect(exemplar.figure(/^Cost of 30 days/).first()).toContainText('$36,000');
  await expect(other.figure(/^Cost of 30 days/).first()).toContainText('$4,050');

  const theirs = await exemplar.page.context().newPage();
  const response = await theirs.goto(other.page.url());
  expect(response?.status()).toBe(404);
  await other.page.context().close();
});

test('two tabs of one person show the same answer', async ({ exemplar, context, server }) => {
  await exemplar.ask(HEADLINE_EXAMPLE);
  const second = new Exemplar(await context.newPage(), server);
  await second.page.goto(exemplar.page.url());
  await second.answered();
  await expect(second.figure(/^Cost of 30 days/).first()).toContainText('$36,000');
});
