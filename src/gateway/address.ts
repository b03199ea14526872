import { isAbsolute } from 'node:path'
import { failure } from '../diagnostics/index.ts'

/** Where others are listened for, as `DOCKER_HOST` and dockerd's `-H` write it. */
export type Address =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number | undefined }
  /** Sockets that the service manager passed; without a name all of them. */
  | { readonly kind: 'inherited'; readonly name: string | undefined }

const FORMS = 'unix:///PATH, tcp://HOST:PORT, fd:// or fd://NAME'

/** Reads `unix:///run/x.sock`, `tcp://0.0.0.0:2376`, `tcp://[::1]`, `fd://`, `fd://name`. Errors: HOST_INVALID. */
export function parseAddress(text: string): Address {
  const [, scheme, rest = ''] = /^([a-z]+):\/\/(.*)$/.exec(text) ?? []
  switch (scheme) {
    case 'unix':
      return parsePath(text, rest)
    case 'tcp':
      return parseTcp(text, rest)
    case 'fd':
      return { kind: 'inherited', name: rest === '' ? undefined : rest }
    default:
      throw invalid(text, `want ${FORMS}`)
  }
}

/** The kernel holds no longer path of a socket, and Node would cut it off without a word. */
const LONGEST_PATH = 107

/** A path of a socket. Errors: HOST_INVALID. */
export function parsePath(text: string, path: string): Address {
  if (!isAbsolute(path)) throw invalid(text, 'want an absolute path')
  if (Buffer.byteLength(path) > LONGEST_PATH)
    throw invalid(text, `want a path of ${LONGEST_PATH} bytes at most`)
  return { kind: 'unix', path }
}

function parseTcp(text: string, rest: string): Address {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:/[\]]*))(?::(\d{1,5}))?$/.exec(rest) ?? []
  const host = bracketed ?? plain
  if (host === undefined) throw invalid(text, 'want tcp://HOST:PORT')
  const port = digits === undefined ? undefined : Number(digits)
  if (port !== undefined && port > 65535) throw invalid(text, 'want a port up to 65535')
  // Whoever names no address has not asked for all of them.
  return { kind: 'tcp', host: host === '' ? 'localhost' : host, port }
}

function invalid(text: string, detail: string): Error {
  return failure({
    code: 'HOST_INVALID',
    kind: 'invalidArgument',
    summary: `Read the address "${text}": ${detail}`,
  })
}
