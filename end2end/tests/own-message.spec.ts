import { expect, HEADLINE_EXAMPLE, test } from '../fixtures';

test('the facts are read while the person writes', async ({ exemplar, page }) => {
  await exemplar.open();
  await exemplar.write(HEADLINE_EXAMPLE);
  const facts = page.getByRole('region', { name: 'Read from your text' });
  for (const fact of ['gpt-4o', '200,000', '1,200', '300', '$12,000']) {
    await expect(facts.getByText(fact).first()).toBeVisible();
  }
});

test('the headline message names the contradiction instead of selling a saving', async ({ exemplar, page }) => {
  await exemplar.ask(HEADLINE_EXAMPLE);
  await expect(page.getByText('$36,000').first()).toBeVisible();
  await expect(page.getByText('$12,000').first()).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Only you can answer' })).toBeVisible();
});

test('a question answered in place changes the figures in the browser', async ({ exemplar, page }) => {
  await exemplar.ask(HEADLINE_EXAMPLE);
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  const questions = page.getByRole('region', { name: 'Only you can answer' });
  await questions.getByRole('button', { name: /66,667/ }).first().click();
  await expect(page.getByText('Computed again in this browser with your changes. Not saved.')).toBeVisible();
  await expect(exemplar.figure(/^Cost of 30 days/).first()).toContainText('$12,000');
  expect(requests.filter((url) => /analyze|messages/.test(url)), 'calls to the server').toEqual([]);
});

test('the keyboard is enough', async ({ exemplar, page }) => {
  await exemplar.open();
  await exemplar.composer.focus();
  await page.keyboard.type('GPT-4.1 with 50,000 requests a day, 900 tokens in and 200 out. What does it cost?');
  await page.keyboard.press('Control+Enter');
  await exemplar.answered();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('a draft survives a reload', async ({ exemplar }) => {
  await exemplar.open();
  await exemplar.write('We spend $900 a month on gpt-4.1-mini');
  await exemplar.reload();
  await expect(exemplar.composer).toHaveValue('We spend $900 a month on gpt-4.1-mini');
});

test('another currency is asked about, not converted', async ({ exemplar, page }) => {
  await exemplar.ask('We spend €12k/month on GPT-4o for 200k requests/day, 1,200 input / 300 output tokens.');
  await expect(page.getByRole('region', { name: 'Only you can answer' })).toContainText(/€|euro/i);
});

test('a message that leaves its purpose open is asked, and the choice is answered in place', async ({ exemplar, page }) => {
  await exemplar.ask('GPT-4o, 50,000 requests/day, 900 input and 200 output tokens each.');
  const questions = page.getByRole('region', { name: 'Only you can answer' });
  await questions.getByRole('button', { name: 'Scaling' }).click();
  await expect(page.getByText('Computed again in this browser with your changes. Not saved.')).toBeVisible();
  await expect(exemplar.figure(/^Mean load/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Send as a new message' }).click();
  await exemplar.answered();
  await expect(page.getByText('Computed again in this browser')).toBeHidden();
  await expect(exemplar.figure(/^Mean load/).first()).toBeVisible();
});

test('a slider recomputes in the browser, and the address reproduces it', async ({ exemplar, page }) => {
  await exemplar.ask(HEADLINE_EXAMPLE);
  const cost = exemplar.figure(/^Cost of 30 days/).first();
  await expect(cost).toContainText('$36,000');
  await page.getByRole('slider', { name: 'output tokens per request' }).focus();
  await page.keyboard.press('Home');
  await expect(cost).toContainText('$19,800');
  await expect(page).toHaveURL(/output_tokens=30\b/);
  await exemplar.reload();
  await expect(cost).toContainText('$19,800');
  await page.getByRole('button', { name: 'Back to the saved answer' }).click();
  await expect(cost).toContainText('$36,000');
  await expect(page).not.toHaveURL(/output_tokens/);
});

test('the models are sorted by the column that is clicked, also on a page that was loaded', async ({ exemplar, page }) => {
  await exemplar.ask(HEADLINE_EXAMPLE);
  await exemplar.reload();
  const table = page.getByRole('region', { name: 'Other models' }).first();
  const first = table.getByRole('row').nth(1);
  const best = await first.textContent();
  const quality = table.getByRole('columnheader').nth(3);
  await quality.getByRole('button').click();
  await expect(quality).toHaveAttribute('aria-sort', 'descending');
  await expect(first).not.toHaveText(best!);
  const values = await table.locator('tbody td:nth-child(4) .options__main').allTextContents();
  const known = values.map((value) => Number(value.replace(/,/g, ''))).filter((value) => !Number.isNaN(value));
  expect(known.length).toBeGreaterThan(3);
  expect(known).toEqual([...known].sort((a, b) => b - a));
  await quality.getByRole('button').click();
  await quality.getByRole('button').click();
  await expect(quality).toHaveAttribute('aria-sort', 'none');
  await expect(first).toHaveText(best!);
});

test('an answer can be saved as a file', async ({ exemplar, page }) => {
  await exemplar.ask(HEADLINE_EXAMPLE);
  await page.getByLabel('Save as').selectOption('md');
  await page.getByLabel('for', { exact: true }).selectOption('business');
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save', exact: true }).click()]);
  expect(file.suggestedFilename()).toMatch(/^exemplar-.*\.md$/);
  const text = await (await file.createReadStream()).toArray();
  expect(Buffer.concat(text).toString()).toContain('$36,000');
});
