import { isIP } from 'node:net'

/** A question that a container has asked its resolver. */
export interface DnsQuestion {
  /** When it was answered: Unix time in microseconds. */
  readonly time: number
  /** Microseconds until it was answered. */
  readonly took: number
  readonly transport: 'udp' | 'tcp'
  /** Number of the type: 1 is A. */
  readonly type: number
  /** RCODE of the answer: 0 is none's fault, 3 says that there is no such name. */
  readonly rcode: number
  /** Who knew: `names` of networks, a `server`, which was `silent` at last, or nobody, for it is `internal`, or `refused` by the container's egress. */
  readonly source: (typeof SOURCES)[number]
  /** The server that was asked last. */
  readonly server?: string
  /** With `\DDD` for bytes that names do not have (RFC 1035, 5.1); empty is the root. */
  readonly name: string
  readonly addresses: readonly string[]
}

/** Questions that nobody could be told of: the reader was too slow. */
export interface LostQuestions {
  readonly lost: number
}

/** A name that a container asked for outside and may not, by its egress. */
export interface RefusedName {
  /** `-`: one of other characters than names have. */
  readonly name: string
  readonly questions: number
  /** When it was asked for last: Unix time in milliseconds. */
  readonly last: number
}

const SOURCES = ['names', 'server', 'silent', 'internal', 'refused'] as const
const LINE = /^(\d{1,16}) (\d{1,15}) (udp|tcp) (\d{1,5}) (\d{1,2}) ([a-z]+) (\S+) (\S+) (\S+)$/
const REFUSED = /^(\d{1,16})\d{3} (\d{1,15}) ([a-z0-9._-]{1,253})$/
const LOST = /^lost (\d{1,15})$/

/** A line of the relay's log; undefined where it is none. */
export function parseDnsLine(line: string): DnsQuestion | LostQuestions | undefined {
  const lost = LOST.exec(line)?.[1]
  if (lost !== undefined) return { lost: Number(lost) }
  const [, time, took, transport, type, rcode, word, server = '', name = '', list = ''] =
    LINE.exec(line) ?? []
  const source = SOURCES.find(each => each === word)
  if (source === undefined) return undefined
  return {
    time: Number(time),
    took: Number(took),
    transport: transport === 'tcp' ? 'tcp' : 'udp',
    type: Number(type),
    rcode: Number(rcode),
    source,
    ...(isIP(server) ? { server } : {}),
    name: name === '.' ? '' : name,
    addresses: list.split(',').filter(address => isIP(address)),
  }
}

/** A name that the relay has refused, of a line of Unix time in microseconds, how often, and the name; undefined where it is none. */
export function parseRefusedName(line: string): RefusedName | undefined {
  const [, last, questions, name] = REFUSED.exec(line) ?? []
  return name === undefined ? undefined : { name, questions: Number(questions), last: Number(last) }
}
