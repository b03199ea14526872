// Writes the corpus of the native parsers into a folder: programs as the encoder makes them, of every operation there is,
// names files with questions, archives, answers of netlink, requests to a monitor and to the spawner. `make -C native test` and `make -C native fuzz` try
// them, and all that is near them.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { encodeProgram } from '../src/native/encode.ts'
import { encodeFrame, encodeNumbers } from '../src/native/frames.ts'
import { LAYOUT } from '../src/native/layout.ts'
import type { Field, OpLayout } from '../src/native/layout-fields.ts'
import { REQUEST } from '../src/native/monitor-protocol.ts'
import { type Program, STAGES } from '../src/native/program.ts'
import { sleepFrame } from '../src/native/sleep-frame.ts'
import { encodeHello } from '../src/native/spawner-wire.ts'
import { UnpackStream } from '../src/native/unpack-stream.ts'
import { COMERS, holdRefusals, letRefusalsGo } from '../src/network/index.ts'
import { question, TYPE } from '../test/dns-message.ts'

const ANY = 255
const NAMES =
  'a web 172.18.0.2\na web 172.18.0.3\na six fd00::2\np 172.18.0.2 lamp-web-1.lamp_front\nk asleep\n'

/** A value for a field of an operation. */
function sample({ type, words }: Field): unknown {
  switch (type) {
    case 'slot':
    case 'slot?':
    case 'u32':
      return 5
    case 'slots':
    case 'numbers':
      return [1, 2]
    case 'u64':
      return 2n ** 40n
    case 'bool':
      return true
    case 'string':
      return '/some/text'
    case 'strings':
      return ['one', '', 'three']
    case 'bytes':
      return new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])
    case 'enum':
      return words?.[0]
    case 'attributes':
      return ['ro', 'nosuid']
    case 'namespaces':
      return ['mnt', 'pid']
    case 'idRanges':
      return [{ inside: 0, outside: 100_000, count: 65_536 }]
  }
}

/** Every operation with a value for each field, in the first stage that it may stand in. */
function operations(): { readonly name: string; readonly stage: string; readonly op: unknown }[] {
  return Object.entries(LAYOUT as Record<string, OpLayout>).map(([name, layout]) => ({
    name,
    stage: layout.stages[0] ?? 'setup',
    op: { op: name, ...Object.fromEntries(layout.fields.map(field => [field.name, sample(field)])) },
  }))
}

/** A program of some operations: the table that they were made from is what gives them their types. */
function programOf(chosen: ReturnType<typeof operations>): Program {
  const stages = STAGES.map(stage => [stage, chosen.filter(each => each.stage === stage).map(({ op }) => op)])
  return Object.fromEntries(stages) as unknown as Program
}

/** Names and a question in the form of `native/test/dns-fuzz.c`. */
function dnsInput(name: string, type: number, edns?: number): Uint8Array {
  return Buffer.concat([Buffer.from([NAMES.length]), Buffer.from(NAMES), question(4711, name, type, edns)])
}

/** An archive in the form of `native/test/entries-fuzz.c`. */
function archive(): Uint8Array {
  const out = new PassThrough({ highWaterMark: 1 << 20 })
  const stream = new UnpackStream(out, out, new Promise(() => undefined))
  const entry = {
    mode: 0o644,
    uid: 1,
    gid: 2,
    mtime: 3,
    nanoseconds: 4,
    devMajor: 5,
    devMinor: 6,
    linkName: '',
  }
  const xattrs = new Map([['user.one', 'value']])
  stream.entry({ ...entry, type: 'folder', name: 'd', size: 0, xattrs })
  stream.entry({ ...entry, type: 'file', name: 'd/f', size: 7, xattrs: new Map() })
  stream.data(Buffer.from('content'))
  stream.entry({ ...entry, type: 'symlink', name: 'd/l', linkName: '../f', size: 0, xattrs: new Map() })
  stream.folderTime({ ...entry, name: 'd' })
  stream.end()
  return out.read()
}

/** A message of netlink with some numbers of 32 bits behind its head. */
function netlink(type: number, flags: number, ...numbers: readonly number[]): Buffer {
  const message = Buffer.alloc(16 + numbers.length * 4)
  message.writeUInt32LE(message.length, 0)
  message.writeUInt16LE(type, 4)
  message.writeUInt16LE(flags, 6)
  for (const [index, number] of numbers.entries()) message.writeInt32LE(number, 16 + index * 4)
  return message
}

const MULTI = 2
const WITH_WORDS = 0x200
/** A failure with the kernel's words behind the head that it is about, and a dump of two parts. */
const ANSWERS: Readonly<Record<string, Uint8Array>> = {
  ack: netlink(2, WITH_WORDS, -22, 0, 0, 0, 0, 0x0001_0008, 0x0066_6f6f),
  dump: Buffer.concat([netlink(16, MULTI, 1, 2), netlink(16, MULTI, 3), netlink(3, MULTI, 0)]),
}

/** Frames to a monitor, behind a byte for its phase, as `native/test/requests-fuzz.c` takes them. */
function requests(phase: number, ...frames: readonly Buffer[]): Uint8Array {
  return Buffer.concat([Buffer.from([phase]), ...frames])
}

/** Bytes behind as many bytes of their length. */
function counted(width: number, ...parts: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(parts)
  const length = Buffer.alloc(width)
  length.writeUIntBE(bytes.length, 0, width)
  return Buffer.concat([length, bytes])
}

/** The first message of TLS with one suite, an extension that nobody knows, and a name. */
function clientHello(name: string): Buffer {
  const host = Buffer.concat([Buffer.of(0), counted(2, Buffer.from(name))])
  const extensions = [Buffer.of(0xff, 1), counted(2), Buffer.of(0, 0), counted(2, counted(2, host))]
  const body = [Buffer.alloc(34), counted(1), counted(2, Buffer.of(0x13, 1)), counted(1, Buffer.of(0))]
  const hello = counted(3, ...body, counted(2, ...extensions))
  return Buffer.concat([Buffer.of(22, 3, 1), counted(2, Buffer.of(1), hello)])
}

/** The same in two records. */
function inRecords(record: Buffer, at: number): readonly Buffer[] {
  const [head, message] = [record.subarray(0, 3), record.subarray(5)]
  return [head, counted(2, message.subarray(0, at)), head, counted(2, message.subarray(at))]
}

const WHOLE = Buffer.of(255)
/** First bytes of a client, behind one that says how many of them come first, as `native/test/front-fuzz.c` takes them. */
const FIRST_BYTES: readonly (readonly Buffer[])[] = [
  [WHOLE, Buffer.from('GET / HTTP/1.1\r\nAccept: *\r\nhost:  A.Shop.localhost.:8080 \r\n\r\n')],
  [Buffer.of(128), Buffer.from('HEAD /x HTTP/1.0\nHost: [::1]:80\n\n')],
  [Buffer.of(40), Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  [WHOLE, Buffer.from('\r\n\nGET https://me@A.shop.localhost:1/x?http://b HTTP/1.1\r\nHost: b\r\n\r\n')],
  [WHOLE, clientHello('a.shop.localhost')],
  [Buffer.of(70), ...inRecords(clientHello('a.shop.localhost'), 9)],
  [Buffer.of(90), clientHello('')],
]

const NONE = Buffer.alloc(0)
const { signal, resize, stdin, stdinClose, attach, subscribe, setRestart, setNetworks, follow } = REQUEST
const REQUESTS: readonly Uint8Array[] = [
  requests(0, encodeFrame(subscribe, NONE), encodeFrame(attach, NONE), encodeFrame(REQUEST.start, NONE)),
  requests(1, encodeNumbers(signal, 15, 1), encodeNumbers(resize, 24, 80), encodeNumbers(setRestart, 2, 3)),
  requests(
    0xf9,
    encodeFrame(stdin, Buffer.from('input')),
    encodeFrame(stdinClose, NONE),
    encodeNumbers(follow, 1, 0),
  ),
  requests(5, encodeFrame(setNetworks, Buffer.from('\0/tmp\0/var\0'))),
  requests(
    1,
    ...(['watch', 'freeze'] as const).map(ask => sleepFrame({ ask, filter: COMERS })),
    sleepFrame({ ask: 'wake' }),
  ),
  // Of one that stands still.
  requests(
    33,
    sleepFrame({ ask: 'end', signal: 15, grace: 10, hold: holdRefusals(), release: letRefusalsGo() }),
  ),
]

const [folder = 'native/build/corpus'] = process.argv.slice(2)
rmSync(folder, { recursive: true, force: true })
for (const name of ['program', 'dns', 'entries', 'netlink', 'requests', 'hello', 'front'])
  mkdirSync(join(folder, name), { recursive: true })
const all = operations()
writeFileSync(join(folder, 'program/all'), encodeProgram(programOf(all)))
for (const each of all) writeFileSync(join(folder, 'program', each.name), encodeProgram(programOf([each])))
const questions: readonly (readonly [string, number, number?])[] = [
  ['web', TYPE.A],
  ['Six', TYPE.AAAA, 1232],
  ['asleep', ANY],
  ['2.0.18.172.in-addr.arpa', TYPE.PTR],
  [`${'2.0.0.0.'.repeat(8).slice(0, -1)}.ip6.arpa`, TYPE.PTR],
  ['example.com', TYPE.MX, 4096],
]
for (const [index, [name, type, edns]] of questions.entries())
  writeFileSync(join(folder, 'dns', String(index)), dnsInput(name, type, edns))
writeFileSync(join(folder, 'entries/archive'), archive())
for (const [name, bytes] of Object.entries(ANSWERS)) writeFileSync(join(folder, 'netlink', name), bytes)
for (const [index, bytes] of REQUESTS.entries()) writeFileSync(join(folder, 'requests', String(index)), bytes)
const exec = [
  encodeHello('stdout', 7n),
  encodeHello('stderr', 7n),
  encodeHello('exec', 7n, ['stdout', 'stderr']),
]
const late = [encodeHello('run', 8n, ['stdin']), encodeHello('stdin', 9n), encodeHello('stdin', 8n)]
const hellos = {
  monitor: [encodeHello('monitor', 1n)],
  exec,
  late,
  hold: [encodeHello('hold', 2n).subarray(0, 9)],
}
for (const [name, all] of Object.entries(hellos))
  writeFileSync(join(folder, 'hello', name), Buffer.concat(all))
for (const [index, bytes] of FIRST_BYTES.entries())
  writeFileSync(join(folder, 'front', String(index)), Buffer.concat(bytes))
