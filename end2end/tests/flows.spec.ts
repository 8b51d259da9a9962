import { expect, test } from '../fixtures';

// A flow that cannot be used and a template that fails are refused, which the browser notes.
test.use({ expectedErrors: [/422/] });

test('a flow is copied, changed, previewed and used, and its log says so', async ({ exemplar, page }) => {
  await exemplar.open('/flows');
  await page.getByRole('link', { name: 'Exemplar', exact: true }).last().click();
  await expect(page.getByRole('img', { name: 'How the stages lead to each other' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'hand-over' })).toBeVisible();

  await exemplar.open('/flows');
  await page.getByLabel('Name').fill('Ours');
  await page.getByRole('button', { name: 'Make it' }).click();
  await expect(page.getByRole('heading', { name: 'Ours', level: 1 })).toBeVisible();
  await exemplar.awake();

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
  await stage.getByText('Change').click();
  await stage.getByRole('button', { name: 'Delete' }).click();
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
