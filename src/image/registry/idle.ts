/** A sender that is silent for so long is given up. There is no limit to the whole: a large layer takes what it takes. */
const IDLE_MS = 30_000

/** The pieces of an answer's body; raises when the next one does not come in time. */
export async function* bodyOf(response: Response, idleMs: number = IDLE_MS): AsyncGenerator<Buffer> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read(), idleMs)
      if (done) return
      yield Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    }
  } finally {
    // Also who stops in the middle lets go of the connection; that it broke already is told by the read.
    await reader.cancel().catch(() => undefined)
  }
}

async function inTime<T>(work: Promise<T>, limit: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came for ${limit / 1000} seconds`)), limit)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
