import { expect, HEADLINE_EXAMPLE, test } from '../fixtures';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test('home breaks no accessibility rule', async ({ exemplar }) => {
      await exemplar.open();
      expect(await exemplar.violations()).toEqual([]);
    });

    test('a composer with an error breaks no accessibility rule', async ({ exemplar }) => {
      await exemplar.open();
      await exemplar.write('short');
      await exemplar.submit();
      expect(await exemplar.violations()).toEqual([]);
    });

    test('a result breaks no accessibility rule', async ({ exemplar }) => {
      await exemplar.ask(HEADLINE_EXAMPLE);
      expect(await exemplar.violations()).toEqual([]);
    });
  });
}
