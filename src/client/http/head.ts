import { protocolFailure } from './protocol-failure.ts'

/** Status and fields of an answer; names in lower case, values of one name joined by commas (RFC 9110 §5.3). */
export interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The connection may carry another call afterwards (RFC 9112 §9.3). */
  readonly keepsAlive: boolean
}

/** A head may have this many bytes, as with Node's own client. */
const LONGEST = 16 * 1024
const END = Buffer.from('\r\n\r\n')

/**
 * Reads the head at the beginning of what an engine has sent (RFC 9112 §4, §5): undefined while it is not whole; `length`
 * counts its bytes. Raises ENGINE_PROTOCOL.
 */
export function readHead(bytes: Buffer): { readonly head: Head; readonly length: number } | undefined {
  const end = bytes.indexOf(END)
  if (end < 0) {
    if (bytes.length > LONGEST) throw protocolFailure(`a head of more than ${LONGEST} bytes`)
    return undefined
  }
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const [, minor, status] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first) ?? []
  if (status === undefined) throw protocolFailure(`${JSON.stringify(first.slice(0, 80))} for a status line`)
  const headers = readFields(lines)
  const connection = (headers['connection'] ?? '').toLowerCase()
  const keepsAlive = minor === '1' ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection)
  return { head: { status: Number(status), headers, keepsAlive }, length: end + END.length }
}

function readFields(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon <= 0) throw protocolFailure(`${JSON.stringify(line.slice(0, 80))} for a header field`)
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  }
  return headers
}

/** The head of a request. Raises ENGINE_PROTOCOL for what would end a line: nobody writes fields by way of a value. */
export function renderHead(
  method: string,
  path: string,
  headers: Readonly<Record<string, string | number>>,
): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const unsafe = [path, ...lines].find(text => /[\0\r\n]/.test(text))
  if (unsafe !== undefined) throw protocolFailure(`${JSON.stringify(unsafe)} in the head of a request`)
  if (/[^!-~]/.test(path)) throw protocolFailure(`${JSON.stringify(path)} for the path of a request`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}
