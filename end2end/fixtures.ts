// What every journey gets: a server of its own worker, the page as a person uses it, and a guard that fails the test on
// any console error, failed request for a page asset, or violation of the content security policy.
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { Server } from './server';

export const HEADLINE_EXAMPLE =
  'We spend $12k/month on GPT-4o for 200k requests/day, 1,200 input / 300 output tokens; ' +
  'cut cost while maintaining quality.';

/** The page, by the intentions of the person in front of it. */
export class Exemplar {
  constructor(readonly page: Page, readonly server: Server) {}

  async open(path = '/'): Promise<void> {
    await this.page.goto(this.server.url + path);
    await this.awake();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.awake();
  }

  /** Until the page reacts to clicks. */
  async awake(): Promise<void> {
    await expect(this.page.locator('html')).toHaveAttribute('data-hydrated', /.*/);
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: 'Your workload, in your own words' });
  }

  async write(text: string): Promise<void> {
    await this.composer.fill(text);
  }

  async submit(): Promise<void> {
    await this.page.getByRole('button', { name: 'Analyse', exact: true }).click();
  }

  async ask(text: string): Promise<void> {
    await this.open();
    await this.write(text);
    await this.submit();
    await this.answered();
  }

  /** Until the answer is there. */
  async answered(): Promise<void> {
    await expect(this.page.getByRole('heading', { name: 'Figures', exact: true })).toBeVisible();
  }

  /** The tile of a figure. */
  figure(label: string | RegExp): Locator {
    return this.page.getByRole('group', { name: label });
  }

  /** Accessibility rules broken on the page as it stands. */
  async violations(): Promise<string[]> {
    const found = await new AxeBuilder({ page: this.page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze();
    return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(' | ')}`);
  }
}

type Fixtures = { exemplar: Exemplar; expectedErrors: RegExp[]; guard: void };

export const test = base.extend<Fixtures, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await new Server().start();
      await use(server);
      await server.dispose();
    },
    { scope: 'worker' },
  ],
  /** Console errors that a journey provokes on purpose, such as a refused connection while the server is down. */
  expectedErrors: [[], { option: true }],
  guard: [
    async ({ page, expectedErrors }, use) => {
      const errors: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || /hydrat/i.test(message.text())) errors.push(message.text());
      });
      page.on('pageerror', (error) => errors.push(String(error)));
      await use();
      const unexpected = errors.filter((error) => !expectedErrors.some((pattern) => pattern.test(error)));
      expect(unexpected, 'errors in the console').toEqual([]);
    },
    { auto: true },
  ],
  exemplar: async ({ page, server }, use) => {
    await use(new Exemplar(page, server));
  },
});

export { expect };
