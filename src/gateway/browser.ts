import type { Socket } from 'node:net'
import { readHead } from './read-head.ts'

const REFUSAL = [
  'HTTP/1.1 403 Forbidden',
  'Content-Type: application/json',
  'Connection: close',
  '',
  '{"message":"requests of browsers are refused: any page could send them"}\n',
].join('\r\n')

/**
 * Whether the first request of a connection is one that a page in a browser on this machine could have sent: it would be root here,
 * since on loopback without TLS nobody is asked who he is. A page cannot keep its browser from saying where a request comes from (`Origin`,
 * `Sec-Fetch-…`), and a name that was bent to this machine stands in `Host`. One that is such has been answered, or has gone.
 */
export async function comesFromBrowser(client: Socket): Promise<boolean> {
  const head = await readHead(client)
  if (head === undefined) {
    client.destroy()
    return true
  }
  // A connection is a browser's from its first request on, or never: what comes after may be anything, also no HTTP.
  if (isOurs(head.toString('latin1'))) {
    client.unshift(head)
    return false
  }
  client.resume().end(REFUSAL, () => client.destroy())
  return true
}

/** Names that mean this machine wherever they are asked, and what clients write who speak to a socket. */
const HOSTS = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|docker|api\.moby\.localhost)?(?::\d+)?$/i

function isOurs(head: string): boolean {
  const lines = head.split('\r\n\r\n', 1)[0]?.split('\r\n').slice(1) ?? []
  return lines.every(line => {
    const at = line.indexOf(':')
    const name = line.slice(0, at).trim().toLowerCase()
    if (name === 'host') return HOSTS.test(line.slice(at + 1).trim())
    return name !== 'origin' && !name.startsWith('sec-fetch-')
  })
}
