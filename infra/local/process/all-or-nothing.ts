/** Starts several things in order. When one fails, those that were started are ended, the last one first. */
export const allOrNothing = async <Started>(
  start: (stack: AsyncDisposableStack) => Promise<Started>,
): Promise<Started> => {
  const stack = new AsyncDisposableStack();
  try {
    return await start(stack);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
};
