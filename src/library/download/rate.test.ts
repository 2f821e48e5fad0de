import { describe, expect, it } from 'vitest';
import { Rate } from './rate.ts';

describe('the pace of a download', () => {
  const clock = () => {
    const state = { ms: 1000 };
    return { state, rate: new Rate(() => state.ms) };
  };

  it('is unknown at first, then bytes a second since the first bytes', () => {
    const { state, rate } = clock();
    state.ms += 10_000;
    expect(rate.bytesPerSecond()).toBeNull();
    rate.add(0);
    state.ms += 100;
    rate.add(100_000);
    expect(rate.bytesPerSecond()).toBeNull();
    expect(rate.etaMs(5)).toBeNull();
    state.ms += 900;
    expect(rate.bytesPerSecond()).toBe(100_000);
    expect(rate.etaMs(300_000)).toBe(3000);
  });

  it('forgets what is older than the window', () => {
    const { state, rate } = clock();
    for (let i = 0; i < 20; i++) {
      rate.add(i < 10 ? 1_000_000 : 1000);
      state.ms += 1000;
    }
    expect(rate.bytesPerSecond()).toBe(1000);
  });

  it('falls to nothing while nothing comes, and then knows no end', () => {
    const { state, rate } = clock();
    rate.add(1_000_000);
    state.ms += 4000;
    expect(rate.bytesPerSecond()).toBe(250_000);
    state.ms += 4000;
    expect(rate.bytesPerSecond()).toBe(0);
    expect(rate.etaMs(1)).toBeNull();
  });
});
