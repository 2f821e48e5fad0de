/** The page's own word that a model runs. */
import { expect, type Page } from '@playwright/test';

/** Waits until the header says that mini runs. */
export async function miniReady(page: Page): Promise<void> {
  await expect(page.getByRole('link', { name: /Modèle utilisé : mini/ })).toBeVisible({ timeout: 150_000 });
}
