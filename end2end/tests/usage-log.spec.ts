import { expect, test } from '../fixtures';

/** A log of `rows` requests, one a minute, the third row of which cannot be read. */
function csv(rows: number): string {
  const lines = ['timestamp,model,input_tokens,output_tokens,latency_ms'];
  for (let i = 0; i < rows; i++) {
    const at = new Date(Date.UTC(2026, 9, 5) + i * 60_000).toISOString();
    lines.push(`${at},gpt-4o,${i === 2 ? 'many' : 1000 + (i % 5) * 100},300,${1500 + (i % 7) * 100}`);
  }
  return lines.join('\n') + '\n';
}

test('a log that is attached gives the facts of the answer', async ({ exemplar, page }) => {
  await exemplar.open();
  const log = page.getByRole('region', { name: 'Request log' });
  await log.getByLabel('Attach a request log').setInputFiles({
    name: 'october.csv', mimeType: 'text/csv', buffer: Buffer.from(csv(1440)),
  });
  await expect(log.getByText('october.csv')).toBeVisible();
  await expect(log).toContainText('1,439');
  await log.getByText('Why rows were left out').click();
  await expect(log).toContainText('line 4');
  await exemplar.submit();
  await exemplar.answered();
  await expect(exemplar.figure(/^Cost of 30 days/).first()).toContainText('$');
  await expect(page.getByText('gpt-4o').first()).toBeVisible();
});

test('a file that is no log is refused with the reason', async ({ exemplar, page }) => {
  await exemplar.open();
  const log = page.getByRole('region', { name: 'Request log' });
  await log.getByLabel('Attach a request log').setInputFiles({
    name: 'poem.csv', mimeType: 'text/csv', buffer: Buffer.from('roses,violets\nred,blue\n'),
  });
  await expect(log.getByRole('alert')).toBeVisible();
  await expect(log.getByRole('alert')).toContainText(/column/i);
});

// The browser logs every refused request.
test.use({ expectedErrors: [[/422|Failed to load/i], { option: true }] });
