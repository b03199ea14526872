import { StatusFailure } from '../grpc/error.ts'
import { type Method, streaming, unary } from '../grpc/service.ts'
import type { History } from './history.ts'

const NOT_FOUND = 5
/** Bytes of one answer. */
const PIECE = 1024 * 1024

/** `containerd.services.content.v1.Content`, as far as clients read with it what the history speaks of. */
export function contentMethods(history: History): Readonly<Record<string, Method>> {
  const bytesOf = async (digest: string): Promise<Buffer> => {
    const text = await history.document(digest)
    if (text === undefined)
      throw new StatusFailure({ code: NOT_FOUND, message: `content ${digest}: not found` })
    return Buffer.from(text)
  }
  return {
    Info: unary('ContentInfoRequest', 'ContentInfoResponse', async ({ digest }) => ({
      info: { digest, size: (await bytesOf(digest)).length },
    })),
    Read: streaming('ContentReadRequest', 'ContentReadResponse', async function* ({ digest, offset, size }) {
      const bytes = await bytesOf(digest)
      const end = size > 0 ? Math.min(offset + size, bytes.length) : bytes.length
      for (let at = offset; at < end; at += PIECE)
        yield { offset: at, data: bytes.subarray(at, Math.min(at + PIECE, end)) }
    }),
  }
}
