import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

/** Of Chrome's trace event format, as far as we write it. */
interface TraceEvent {
  readonly ph: 'M' | 'X'
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur: number
  readonly args?: { readonly name: string }
}

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox({ env: { TSCOMPOSE_TRACE: 'trace.json', TSCOMPOSE_COLD: '' } })
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    'name: traced\nservices: {web: {image: busybox, command: sleep 100000, init: true}}\n',
  )
})
afterAll(() => sandbox.close())

/** The spans that a command left, by the process that each is of. */
async function traceOf(...words: string[]): Promise<(name: RegExp) => readonly TraceEvent[]> {
  await sandbox.ok(...words)
  const { traceEvents } = JSON.parse(readFileSync(join(sandbox.folder, 'trace.json'), 'utf8')) as {
    traceEvents: TraceEvent[]
  }
  const names = new Map(traceEvents.flatMap(({ ph, pid, args }) => (ph === 'M' ? [[pid, args?.name]] : [])))
  const spans = traceEvents
    .filter(({ ph }) => ph === 'X')
    .map(span => ({ ...span, name: `${names.get(span.pid)}: ${span.name}` }))
  return name => spans.filter(span => name.test(span.name))
}

test('has what the command, the engine and its native program did, in one time', async () => {
  const spans = await traceOf('up', '-d')
  for (const name of [
    /^tscompose: load files$/,
    /^tscompose: observe$/,
    /^tscompose: container:traced-web-1:start$/,
    /^tscomposed: POST \/tscompose\/snapshot$/,
    /^tscomposed: POST \/containers\/create$/,
    /^tscomposed: native monitor$/,
    /^tscomposed: native payload$/,
  ])
    expect([name, spans(name).length]).toEqual([name, 1])
  const [start] = spans(/^tscompose: container:traced-web-1:start$/)
  const [payload] = spans(/^tscomposed: native payload$/)
  const end = (span: TraceEvent | undefined): number => (span?.ts ?? 0) + (span?.dur ?? 0)
  // A start's native part lies within it: both clocks are of one machine.
  expect(payload?.ts).toBeGreaterThan(start?.ts ?? Number.NaN)
  expect(end(payload)).toBeLessThan(end(start))
})

test('has of an engine that runs what it did for the command alone', async () => {
  const spans = await traceOf('ps')
  expect(spans(/^tscompose: ps$/)).toHaveLength(1)
  expect(spans(/^tscomposed: GET \/containers\/json$/)).toHaveLength(1)
  expect(spans(/POST \/containers\/create/)).toEqual([])
})

test('has the start of a process that is there for the command, and no such thing of a thread that waited for it', async () => {
  const start = /^tscompose: start of the program$/
  expect((await traceOf('ps'))(start)).toEqual([])
  await sandbox.killEngine()
  expect((await traceOf('ps'))(start)).toHaveLength(1)
})

test('that cannot be written is told', async () => {
  rmSync(join(sandbox.folder, 'trace.json'))
  mkdirSync(join(sandbox.folder, 'trace.json'))
  const { status, stderr } = await sandbox.run('ps')
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('TRACE_UNWRITABLE') })
})
