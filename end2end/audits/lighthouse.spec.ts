// Lighthouse on the real pages: home, and a result. Not part of the tests, because it measures speed: `make bench`.
import { expect, test } from '@playwright/test';
import { launch } from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';
import { launchOptions } from '../playwright.config';
import { Server } from '../server';

const BAR = 95;
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
const RUNS = Number(process.env.LIGHTHOUSE_RUNS ?? 3);

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** An answered message, and the token of the guest who owns it. */
async function answeredMessage(url: string): Promise<{ id: string; token: string }> {
  const { token } = await (await fetch(`${url}/api/v1/sessions`, { method: 'POST' })).json();
  const content = 'We spend $12k/month on GPT-4o for 200k requests/day, 1,200 input / 300 output tokens; cut cost.';
  const answer = await fetch(`${url}/api/v1/messages?wait=10`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ content }),
  });
  return { id: (await answer.json()).id, token };
}

test('pages score at least 95', async () => {
  test.setTimeout(600_000);
  const server = await new Server().start();
  const chrome = await launch({
    chromePath: launchOptions.executablePath,
    chromeFlags: ['--headless=new', ...launchOptions.args],
  });
  const below: string[] = [];
  try {
    const { id, token } = await answeredMessage(server.url);
    const pages = [
      { name: 'home', path: '/', headers: {} },
      { name: 'result', path: `/m/${id}`, headers: { Cookie: `exemplar_session=${token}` } },
    ];
    for (const page of pages) {
      for (const profile of ['mobile', 'desktop'] as const) {
        const scores = new Map<string, number[]>(CATEGORIES.map((c) => [c, []]));
        const misses = new Set<string>();
        for (let run = 0; run < RUNS; run++) {
          const report = await lighthouse(
            server.url + page.path,
            { port: chrome.port, onlyCategories: CATEGORIES, extraHeaders: page.headers, logLevel: 'error' },
            profile === 'desktop' ? desktopConfig : undefined,
          );
          for (const name of CATEGORIES) {
            const category = report!.lhr.categories[name];
            scores.get(name)!.push(Math.round((category.score ?? 0) * 100));
            for (const { id: audit, weight } of category.auditRefs) {
              const { score, displayValue } = report!.lhr.audits[audit];
              if (weight > 0 && score !== null && score < 0.9) misses.add(`${audit} ${displayValue ?? ''}`.trim());
            }
          }
        }
        const row = CATEGORIES.map((c) => `${c} ${median(scores.get(c)!)}`).join('  ');
        console.log(`${page.name.padEnd(7)} ${profile.padEnd(8)} ${row}  ${[...misses].join('; ')}`);
        if (CATEGORIES.some((c) => median(scores.get(c)!) < BAR)) below.push(`${page.name} ${profile}: ${row}`);
      }
    }
  } finally {
    await chrome.kill();
    await server.dispose();
  }
  expect(below, 'pages below the bar').toEqual([]);
});
