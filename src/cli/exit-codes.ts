/** `closedOutput`: as a shell tells of a tool that SIGPIPE ended. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130, closedOutput: 141 } as const;
