import { expect, test } from '../fixtures';

test('an example leads to a quantified answer', async ({ exemplar, page }) => {
  await exemplar.open();
  const card = page.getByRole('article').filter({ hasText: 'A bill that does not add up' });
  await card.getByRole('button', { name: /^Analyse this example/ }).click();
  await exemplar.answered();

  await expect(page).toHaveURL(/\/m\/[0-9a-f-]{36}$/);
  await expect(exemplar.figure(/^Cost of 30 days/).first()).toContainText('$36,000');
  await expect(page.getByText('$12,000').first()).toBeVisible();
  await expect(page.getByRole('img', { name: /waterfall|step by step|levers/i }).first()).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'GPT-5 nano' }).first()).toContainText('$1,080');
});

test('the steps are shown with the times that were measured', async ({ exemplar, page }) => {
  await exemplar.open();
  await page.getByRole('button', { name: /^Analyse this example/ }).first().click();
  await exemplar.answered();
  await page.getByText(/^Answered in/).first().click();
  await expect(page.getByText('Reading the facts in your text').first()).toBeVisible();
  await expect(page.getByText(/\d ms|µs/).first()).toBeVisible();
});

test('an example can be edited before it is sent', async ({ exemplar, page }) => {
  await exemplar.open();
  await page.getByRole('button', { name: /^Edit first/ }).first().click();
  await expect(exemplar.composer).not.toHaveValue('');
  await expect(exemplar.composer).toBeFocused();
});
