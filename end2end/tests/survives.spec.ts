import { expect, HEADLINE_EXAMPLE, test } from '../fixtures';

// The browser logs every refused connection while the server is down; that is what these journeys are about.
test.use({ expectedErrors: [[/ERR_CONNECTION|WebSocket|Failed to (load|fetch)|network/i], { option: true }] });

test('an answer survives a reload', async ({ exemplar, page }) => {
  await exemplar.ask(HEADLINE_EXAMPLE);
  const headline = await page.getByRole('heading', { level: 1 }).textContent();
  await exemplar.reload();
  await exemplar.answered();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(headline!);
});

test('an answer survives a server that is killed and comes back', async ({ exemplar, page, server }) => {
  await exemplar.ask(HEADLINE_EXAMPLE);
  await server.kill();
  await server.start();
  await exemplar.reload();
  await exemplar.answered();
  await expect(exemplar.figure(/^Cost of 30 days/).first()).toContainText('$36,000');
});

test('a message written while the server is down is answered when it is back', async ({ exemplar, page, server }) => {
  await exemplar.open();
  await exemplar.write(HEADLINE_EXAMPLE);
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await server.kill();
  await exemplar.submit();
  await expect(page.getByText(/kept in this browser/)).toBeVisible();
  await server.start();
  await expect(page.getByRole('heading', { name: 'Figures', exact: true })).toBeVisible({ timeout: 20_000 });
});

test('a server killed right after the message loses nothing', async ({ exemplar, page, server }) => {
  await exemplar.open();
  await exemplar.write(HEADLINE_EXAMPLE);
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await exemplar.submit();
  await server.kill();
  await server.start();
  await expect(page.getByRole('heading', { name: 'Figures', exact: true })).toBeVisible({ timeout: 20_000 });
});
