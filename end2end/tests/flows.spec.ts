import type { Page } from '@playwright/test';
import { type Exemplar, expect, HEADLINE_EXAMPLE, test } from '../fixtures';

// A flow that cannot be used, a template that fails and an address without an account are refused, which the browser
// notes.
test.use({ expectedErrors: [[/422/], { option: true }] });

/** Makes a flow of one's own, a copy of the built-in one. */
async function copy(exemplar: Exemplar, page: Page, name: string): Promise<void> {
  await exemplar.open('/flows');
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Make it' }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  await exemplar.awake();
}

test('a flow is copied, changed, previewed and used, and its log says so', async ({ exemplar, page }) => {
  await exemplar.open('/flows');
  await page.getByRole('link', { name: 'Exemplar', exact: true }).last().click();
  await expect(page.getByRole('img', { name: 'How the stages lead to each other' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'hand-over' })).toBeVisible();
  await copy(exemplar, page, 'Ours');

  // A stage that leads nowhere is told as soon as it is there.
  await page.getByText('Add a stage').click();
  const form = page.locator('details[open]');
  await form.getByLabel('Name').fill('waiting room');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'waiting room' })).toBeVisible();
  await expect(page.getByText('Nothing leads on from "waiting room"')).toBeVisible();
  await page.getByRole('button', { name: 'Use it for new conversations' }).click();
  await expect(page.getByRole('alert')).toContainText('waiting room');

  const stage = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'waiting room' }) });
  await stage.getByText('Change waiting room').click();
  await stage.getByRole('button', { name: 'Delete', exact: true }).click();
  await stage.getByRole('button', { name: 'Keep it' }).click();
  await stage.getByRole('button', { name: 'Delete', exact: true }).click();
  await stage.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByRole('heading', { name: 'waiting room' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Use it for new conversations' }).click();
  await expect(page.getByText('in use', { exact: true })).toBeVisible();

  await page.getByRole('link', { name: 'Answer', exact: true }).click();
  await expect(page.locator('.flow__made')).toContainText('You could save 40 % a month.');
  await page.getByLabel('Text').fill('Dear {{ user.tier }}');
  await expect(page.locator('.flow__made')).toHaveText('Dear guest');
  await page.getByLabel('Text').fill('Dear {{ nobody }}');
  await expect(page.getByRole('alert')).toContainText('no value');
  await page.getByLabel('Text').fill('Dear {{ user.tier }}!');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('version 2')).toBeVisible();

  await page.getByRole('link', { name: 'Back to the flow' }).click();
  await page.getByRole('link', { name: 'Log of changes' }).click();
  await expect(page.getByRole('cell', { name: 'business.activated' })).toBeVisible();
  await page.getByLabel('Show').selectOption('templates');
  await page.getByRole('button', { name: 'Filter' }).click();
  await expect(page.getByRole('row')).toHaveCount(2);
  await expect(page.getByRole('cell', { name: 'Answer, version 2' })).toBeVisible();
  expect(await exemplar.violations()).toEqual([]);
});

test('the ways of a stage are changed one at a time, and stay in sight', async ({ exemplar, page }) => {
  await copy(exemplar, page, 'Step by step');
  const stage = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'clarify' }) });
  await stage.getByText('6 ways on').click();
  const way = (name: string) => stage.locator('details').filter({ has: page.locator('summary', { hasText: `→ ${name}` }) }).last();
  await way('scaling').locator('summary').click();
  await expect(way('scaling').getByLabel('Condition')).toHaveValue("message.category == 'scaling'");
  await way('advanced').locator('summary').click();
  await expect(way('scaling')).not.toHaveAttribute('open');
  await way('advanced').getByLabel('Condition').fill("message.text.contains('plan')");
  await way('advanced').getByRole('button', { name: 'Save' }).click();
  await expect(stage.getByRole('code').filter({ hasText: "message.text.contains('plan')" })).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeAttached();
  expect(await exemplar.violations()).toEqual([]);
});

test('a message is tried on a flow and every step is told', async ({ exemplar, page }) => {
  await copy(exemplar, page, 'Tried');
  const trial = page.getByRole('region', { name: 'Try it' });
  const message = trial.getByLabel('A message, as a customer would write it');
  const run = trial.getByRole('button', { name: 'Run it' });
  await message.fill(HEADLINE_EXAMPLE);
  await run.click();
  await expect(trial.getByRole('heading', { name: 'The answer' })).toBeVisible();
  await expect(trial.getByText('clarify → cost-optimization, because its condition holds.')).toBeVisible();
  await expect(trial.getByText('does not hold').first()).toBeVisible();
  await expect(trial.getByRole('definition').filter({ hasText: '200,000' })).toBeVisible();
  await trial.getByText('Answer (response, version 1)').click();
  await expect(trial.getByText('$36,000').first()).toBeVisible();

  // It builds on what was written before, and begins where it is told to.
  await trial.getByLabel('What they wrote before').fill(HEADLINE_EXAMPLE);
  await trial.getByLabel('The conversation is at').selectOption('scaling');
  await message.fill('And with half the output tokens?');
  await run.click();
  await expect(trial.getByText('scaling → cost-optimization')).toBeVisible();
  await expect(trial.getByRole('definition').filter({ hasText: /^150/ })).toBeVisible();

  await message.fill('too short');
  await run.click();
  await expect(trial.getByRole('alert')).toBeVisible();
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'half the output' })).toHaveCount(0);
});

test('a member is added by address, and one without an account is not', async ({ exemplar, page, server }) => {
  const other = await page.context().browser()!.newContext();
  const address = `ada${Date.now()}@example.com`;
  const registered = await other.request.post(`${server.url}/api/v1/accounts`, {
    data: { email: address, password: 'correct horse battery' },
  });
  expect(registered.status()).toBe(201);
  await copy(exemplar, page, 'Shared');
  const members = page.getByRole('region', { name: 'Members and settings' });
  await members.getByText('Add a member').click();
  await members.getByLabel('E-mail address').fill('nobody@example.com');
  await members.getByRole('button', { name: 'Add a member' }).click();
  await expect(members.getByRole('alert')).toContainText('not the address of an account');
  await members.getByLabel('E-mail address').fill(address);
  await members.getByRole('button', { name: 'Add a member' }).click();
  const row = members.getByRole('listitem').filter({ hasText: address });
  await expect(row).toBeVisible();

  // The other sees it now, and cannot delete it.
  const theirs = await other.newPage();
  await theirs.goto(page.url());
  await expect(theirs.getByRole('heading', { name: 'Shared', level: 1 })).toBeVisible();
  await expect(theirs.getByText('Leave this flow')).toBeAttached();
  await expect(theirs.getByText('Delete this flow')).toHaveCount(0);
  await other.close();

  await row.getByRole('button', { name: 'Remove' }).click();
  await expect(row).toHaveCount(0);
  expect(await exemplar.violations()).toEqual([]);
});

test('what is pressed before the program of the page has come is not lost', async ({ exemplar, page }) => {
  let held = Promise.resolve();
  await page.route('**/pkg/split_flows*', (route) => held.then(() => route.continue()));
  const withoutProgram = async (press: () => Promise<void>): Promise<void> => {
    let come = (): void => {};
    held = new Promise((resolve) => (come = resolve));
    await page.reload();
    await press();
    come();
  };
  await exemplar.open('/flows');
  await withoutProgram(async () => {
    await page.getByLabel('Name').fill('Early');
    await page.getByLabel('Name').press('Enter');
  });
  await expect(page.getByRole('heading', { name: 'Early', level: 1 })).toBeVisible();
  await exemplar.awake();

  await withoutProgram(() => page.getByRole('button', { name: 'Use it for new conversations' }).click());
  await expect(page.getByRole('button', { name: 'Stop using it' })).toBeVisible();

  await withoutProgram(() => page.getByText('Add a member').click());
  await expect(page.getByLabel('E-mail address')).toBeVisible();
});

test('the answering of a conversation is stopped and resumed on its page', async ({ exemplar, page, server }) => {
  await exemplar.ask(HEADLINE_EXAMPLE);
  await page.getByRole('link', { name: 'The whole conversation' }).click();
  await expect(page.getByText('New messages of this conversation are answered as they come.')).toBeVisible();
  await page.getByRole('button', { name: 'Stop answering' }).click();
  await expect(page.getByText('new messages are kept and wait in their order')).toBeVisible();

  const conversation_id = page.url().split('/').pop();
  const sent = await page.request.post(`${server.url}/api/v1/messages`, {
    data: { content: `${HEADLINE_EXAMPLE} Once more.`, conversation_id },
  });
  expect(sent.status()).toBe(202);
  await exemplar.reload();
  const second = page.getByRole('listitem').filter({ hasText: 'Once more.' });
  await expect(second.getByText('Answered')).toHaveCount(0);
  await page.getByRole('button', { name: 'Resume answering' }).click();
  await expect(page.getByRole('button', { name: 'Stop answering' })).toBeVisible();
  await expect(second.getByText('Answered')).toBeVisible();
  expect(await exemplar.violations()).toEqual([]);
});

test('no page of a flow is wider than a small screen', async ({ exemplar, page }) => {
  await page.setViewportSize({ width: 360, height: 800 });
  await copy(exemplar, page, 'Narrow');
  await page.getByText('6 ways on').first().click();
  const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(content).toBeLessThanOrEqual(screen);
});
