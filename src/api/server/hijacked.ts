import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** What clients call for the sake of the connection. */
const PATHS = /^(?:\/v[\d.]+)?\/(?:containers\/[^/]+\/attach|exec\/[^/]+\/start)(?:\?|$)/

/** Where files of a container are put; and the bytes from which on they may be taken from their connection. */
const UPLOADS = /^(?:\/v[\d.]+)?\/containers\/[^/]+\/archive(?:\?|$)/
const LARGE = 4 * 1024 * 1024

/** What Node's server has of its parser; no part of its documented interface. */
interface Parsed {
  readonly parser?: { onIncoming?: (request: IncomingMessage, keepAlive: boolean) => unknown } | null
}

/**
 * Has Node let go of a connection behind the head of an attach or the start of an exec, as it does for upgrades, also where the client
 * has not asked for one: Docker takes each such connection, and what comes on it behind the body is stdin, not a request. A body
 * in chunks stays Node's: who sends one sends stdin in it. The files that are put into a container come on such a connection, too, where they
 * may be large: it can be left to who writes them.
 */
export function releaseHijacked(socket: Socket): void {
  const { parser } = socket as Parsed
  const take = parser?.onIncoming
  // A Node that has it elsewhere reads on, and those who ask for no upgrade have no stdin.
  if (!parser || take === undefined) return
  parser.onIncoming = (request, keepAlive) => {
    if (isHijack(request) || isUpload(request)) (request as { upgrade?: boolean }).upgrade = true
    return take(request, keepAlive)
  }
}

function isHijack({ method, url = '', headers }: IncomingMessage): boolean {
  return method === 'POST' && headers['transfer-encoding'] === undefined && PATHS.test(url)
}

function isUpload({ method, url = '', headers }: IncomingMessage): boolean {
  const isLarge = headers['transfer-encoding'] !== undefined || Number(headers['content-length']) >= LARGE
  return method === 'PUT' && isLarge && UPLOADS.test(url)
}
