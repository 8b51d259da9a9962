import { defineConfig } from '@playwright/test';

// Debian's Chromium: Playwright's own browser cannot be downloaded everywhere.
export const launchOptions = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ],
};

export default defineConfig({
  testDir: './tests',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  reporter: [['list'], ['html', { open: 'never' }]],
  use: { launchOptions, trace: 'retain-on-failure', screenshot: 'only-on-failure' },
  projects: process.env.LIGHTHOUSE ? [{ name: 'lighthouse', testDir: './audits' }] : [
    { name: 'desktop', use: { viewport: { width: 1280, height: 900 } } },
    {
      name: 'phone',
      testMatch: /(example|reading|accessibility)\.spec\.ts/,
      use: { viewport: { width: 360, height: 740 }, hasTouch: true, colorScheme: 'dark' },
    },
  ],
});
