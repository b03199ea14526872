// A container that prints more than anybody reads: scenarios C 20 and 27.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { EngineLab } from '../harness/engine-lab.ts'

const lab = new EngineLab()
beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
})
afterEach(() => lab.clear())
afterAll(() => lab.close())

/** The most memory that a container's monitor has had, in kilobytes. */
function peakOf(id: string): number {
  const status = readFileSync(join(lab.folder, 'root/containers', id, 'status'), 'utf8')
  const monitor = /^monitor_pid=(\d+)$/m.exec(status)?.[1]
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${monitor}/status`, 'utf8'))?.[1])
}

/** Ten thousand lines at a time, a line of a megabyte behind them, and a last word. */
const BURSTS = 5
const FLOOD = `i=0; while [ $i -lt ${BURSTS} ]; do seq $((i * 10000 + 1)) $((i * 10000 + 10000)); head -c 1000000 /dev/zero | tr '\\0' x; echo; i=$((i + 1)); sleep 0.2; done; echo end; read wait`

test('C20: ten thousand lines a second and lines of a megabyte are followed over rotations, none lost, in little memory', async () => {
  const body = { Image: 'bb', Cmd: ['sh', '-c', FLOOD], OpenStdin: true }
  const LogConfig = { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '3' } }
  const { Id } = await lab.engine.containers.create(
    { ...body, HostConfig: { NetworkMode: 'none', LogConfig } },
    { name: 'flood' },
  )
  await lab.engine.containers.start(Id, {})
  const stream = await lab.engine.containers.logs(
    Id,
    { follow: true, stdout: true, stderr: true, timestamps: false },
    new AbortController().signal,
  )
  const chunks: Uint8Array[] = []
  for await (const records of stream.records) {
    for (const { bytes } of records) chunks.push(bytes)
    if (
      Buffer.from(chunks.at(-1) ?? [])
        .toString()
        .endsWith('end\n')
    )
      break
  }
  const peak = peakOf(Id)
  const lines = Buffer.concat(chunks).toString().split('\n')
  const numbers = lines.filter(line => /^\d+$/.test(line)).map(Number)
  expect(numbers).toEqual(Array.from({ length: BURSTS * 10_000 }, (_, index) => index + 1))
  expect(lines.filter(line => line.startsWith('x')).map(line => line.length)).toEqual(
    Array(BURSTS).fill(1_000_000),
  )
  expect(lines.slice(-2)).toEqual(['end', ''])
  expect(peak).toBeLessThan(8 * 1024)
})
