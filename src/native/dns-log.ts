import {
  type DnsQuestion,
  type LostQuestions,
  parseDnsLine,
  parseRefusedName,
  type RefusedName,
} from './dns-line.ts'
import { REQUEST } from './monitor-protocol.ts'
import { readRelay } from './relay-reader.ts'

/** Longest line that a relay writes, with some room. */
const LINE_MAX = 8192
/** More than a relay remembers as refused. */
const REFUSED_MAX = 1024 * 1024

/**
 * The questions of a container, as its relay answers them, from now on; ends with the relay. The relay is not trusted: what
 * is no line of its log is left out. Fails as `readRelay` does.
 */
export async function followDns(
  socketPath: string,
  signal: AbortSignal,
): Promise<AsyncIterable<DnsQuestion | LostQuestions>> {
  return questionsOf(await readRelay(socketPath, REQUEST.dnsLog, signal))
}

async function* questionsOf(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<DnsQuestion | LostQuestions, void, undefined> {
  let text = ''
  for await (const chunk of chunks) {
    text = text.slice(text.lastIndexOf('\n') + 1).slice(-LINE_MAX) + chunk.toString('latin1')
    yield* whole(text)
  }
}

const whole = (text: string): (DnsQuestion | LostQuestions)[] =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .flatMap(line => parseDnsLine(line) ?? [])

/** The names that a container's relay has refused within a day, since it began; lines of other kinds are left out. Fails as `readRelay` does. */
export async function readRefusedNames(socketPath: string): Promise<readonly RefusedName[]> {
  let text = ''
  for await (const chunk of await readRelay(socketPath, REQUEST.refusedNames)) {
    text += chunk.toString('latin1')
    if (text.length > REFUSED_MAX) break
  }
  return text.split('\n').flatMap(line => parseRefusedName(line) ?? [])
}
