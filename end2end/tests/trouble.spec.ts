import { expect, HEADLINE_EXAMPLE, test } from '../fixtures';

test.use({ expectedErrors: [[/ERR_FAILED|Failed to (load|fetch)/i], { option: true }] });

test('a page whose program cannot be loaded says so, and can be loaded again', async ({ exemplar, page }) => {
  await page.route('**/pkg/split_pages*', (route) => route.abort());
  await exemplar.open();
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.getByRole('alert').getByText('could not be loaded')).toBeVisible();
  await page.unroute('**/pkg/split_pages*');
  await page.getByRole('link', { name: 'Load it again' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your conversations');
});

test('without the reader the message is still sent and answered', async ({ exemplar, page }) => {
  await page.route('**/pkg/split_read*', (route) => route.abort());
  await exemplar.ask(HEADLINE_EXAMPLE);
  await expect(page.getByText('$36,000').first()).toBeVisible();
});

test('a message that failed can be sent again and leads to its answer', async ({ exemplar, page, server }) => {
  await exemplar.ask(HEADLINE_EXAMPLE);
  const before = page.url();
  const call = `**/api/v1/messages/${before.split('/').pop()}`;
  await page.route(call, async (route) => {
    const answer = await route.fetch();
    const problem = {
      type: 'about:blank', title: 'This took too long', status: 504, detail: 'The deadline passed.', code: 'timeout',
      retryable: true, trace_id: 'test',
    };
    await route.fulfill({ json: { ...(await answer.json()), status: 'failed', result: undefined, problem } });
  });
  await page.route(`${call}/retry`, async (route) => {
    const again = await page.request.post(`${server.url}/api/v1/messages`, { data: { content: HEADLINE_EXAMPLE } });
    await route.fulfill({ status: 202, json: await again.json() });
  });
  await page.getByRole('link', { name: 'The whole conversation' }).click();
  await page.getByRole('link', { name: 'Open the answer' }).click();
  await expect(page.getByText('This took too long')).toBeVisible();
  await page.getByRole('button', { name: 'Try again' }).click();
  await exemplar.answered();
  expect(page.url()).not.toBe(before);
});
