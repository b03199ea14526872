import { failure } from '../../diagnostics/index.ts'
import { type DnsQuestion, type DnsQuestionsLost, dnsLog } from '../../project/dns-log.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { watchInterrupts } from '../interrupt.ts'
import { flag } from '../option.ts'
import { targetOf } from '../target.ts'
import { type Instant, isoTime, localClock } from '../views/instant.ts'

/** `tscompose dns`. */
export const command: Command = defineCommand({
  description:
    'With --log prints which names the containers of services ask for, from now on until it is interrupted: when, type and name, who knew them (names of networks, a server of the host or of dns:) and how long that took. Nothing is recorded while nobody asks.',
  options: {
    log: flag('--log', 'Follow what is asked'),
    json: flag('--json', 'One JSON object a line'),
  },
  examples: [['tscompose dns --log web', 'what web looks up, as it does']],
  run: async (context, services, { log, json }) => {
    if (!log)
      throw failure({
        code: 'DNS_LOG_WANTED',
        kind: 'invalidArgument',
        summary: 'say what of names is to be shown',
        hint: `tscompose dns --log ${services.join(' ')}`,
      })
    const interrupts = watchInterrupts(context.signals)
    try {
      for await (const entry of dnsLog(targetOf(context), { services, signal: interrupts.graceful }))
        context.streams.stdout.write(`${json ? jsonLine(entry) : textLine(entry)}\n`)
    } finally {
      interrupts.dispose()
    }
    return EXIT.ok
  },
})

/** Types by their names (RFC 1035 and those that came later); others as RFC 3597 writes them. */
const TYPES: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  35: 'NAPTR',
  64: 'SVCB',
  65: 'HTTPS',
  255: 'ANY',
  257: 'CAA',
}
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']

const typeName = (type: number): string => TYPES[type] ?? `TYPE${type}`
const rcodeName = (rcode: number): string => RCODES[rcode] ?? `RCODE${rcode}`

/** The moment as ISO 8601 with microseconds, names for numbers, the time taken in milliseconds. */
function jsonLine(entry: DnsQuestion | DnsQuestionsLost): string {
  if ('lost' in entry) return JSON.stringify(entry)
  const { time, took, type, rcode, service, container, ...rest } = entry
  return JSON.stringify({
    time: isoTime(instantOf(time)),
    service,
    container,
    ...rest,
    type: typeName(type),
    rcode: rcodeName(rcode),
    milliseconds: took / 1000,
  })
}

/** `07:41:12.120405 web-1 A db: 172.18.0.3 (names, 0.02 ms)`, in local time. */
function textLine(entry: DnsQuestion | DnsQuestionsLost): string {
  if ('lost' in entry) return `${entry.container} ${entry.lost} questions are missing`
  const { time, took, container, type, name, source, server, transport } = entry
  const who = server === undefined ? source : `${source} ${server}`
  const how = [who, `${(took / 1000).toFixed(2)} ms`, ...(transport === 'tcp' ? ['tcp'] : [])]
  return `${localClock(instantOf(time))} ${container} ${typeName(type)} ${name === '' ? '.' : name}: ${resultOf(entry)} (${how.join(', ')})`
}

function resultOf({ rcode, addresses }: DnsQuestion): string {
  if (rcode !== 0) return rcodeName(rcode)
  return addresses.length > 0 ? addresses.join(' ') : rcodeName(rcode)
}

/** Of microseconds. */
const instantOf = (time: number): Instant => ({
  seconds: Math.floor(time / 1e6),
  microseconds: time % 1e6,
})
