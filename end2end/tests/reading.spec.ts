import { expect, HEADLINE_EXAMPLE, test } from '../fixtures';

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a message can be sent and its answer read', async ({ exemplar, page }) => {
    await page.goto(`${exemplar.server.url}/`);
    await expect(page.getByRole('article').first()).toBeVisible();
    await exemplar.write(HEADLINE_EXAMPLE);
    await exemplar.submit();
    await expect(page).toHaveURL(/\/m\/[0-9a-f-]{36}$/);
    await expect(async () => {
      await page.reload();
      await expect(page.getByText('$36,000').first()).toBeVisible({ timeout: 500 });
    }).toPass();
  });
});

test('nothing is wider than the screen', async ({ exemplar, page }) => {
  await exemplar.ask(HEADLINE_EXAMPLE);
  const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(content).toBeLessThanOrEqual(screen);
});

test('every page carries the security headers', async ({ exemplar, page }) => {
  const headers = (await page.goto(`${exemplar.server.url}/`))!.headers();
  const policy = headers['content-security-policy'];
  expect(policy).toContain("default-src 'self'");
  expect(policy).toMatch(/script-src 'self' 'nonce-[^']+' 'wasm-unsafe-eval'/);
  expect(policy).toContain("object-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe-inline');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['x-request-id']).toBeTruthy();
});
