// Writes the corpus of the native parsers into a folder: programs as the encoder makes them, of every operation there is,
// and names files with questions. `make -C native test` tries them, and all that is near them.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeProgram } from '../src/native/encode.ts'
import { type Field, LAYOUT, type OpLayout } from '../src/native/layout.ts'
import { type Program, STAGES } from '../src/native/program.ts'
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

const [folder = 'native/build/corpus'] = process.argv.slice(2)
rmSync(folder, { recursive: true, force: true })
for (const name of ['program', 'dns']) mkdirSync(join(folder, name), { recursive: true })
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
