/** `closedOutput` is the code that a shell reports for a tool that was ended by SIGPIPE. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130, closedOutput: 141 } as const;
