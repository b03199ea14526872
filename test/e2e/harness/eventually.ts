/** Asks again every 20 ms until the answer is truthy, and returns it; fails with `what` after the time limit. */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  limit = 60_000,
): Promise<NonNullable<Awaited<T>>> {
  const end = performance.now() + limit
  let last: unknown
  while (performance.now() < end) {
    try {
      const answer = await ask()
      if (answer) return answer
    } catch (error) {
      last = error
    }
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`timed out waiting until ${what}`, { cause: last })
}
