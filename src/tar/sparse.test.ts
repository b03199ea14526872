import { execFileSync } from 'node:child_process'
import {
  createReadStream,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memoryFolder } from '../linux/testing/memory-folder.ts'
import { extractTar } from './extract.ts'
import { folderSink } from './testing/folder-sink.ts'

let folder: string
beforeEach(() => {
  folder = memoryFolder('tscompose-sparse-')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Pieces of 4 KiB at these places; without more the file ends there. */
function sparseFile(places: readonly number[], size: number): Buffer {
  const path = join(folder, 'sparse')
  writeFileSync(path, '')
  const file = openSync(path, 'r+')
  for (const [at, place] of places.entries())
    writeSync(file, Buffer.alloc(4096, 1 + (at % 250)), 0, 4096, place)
  truncateSync(path, size)
  return readFileSync(path)
}

async function unpacked(...options: readonly string[]): Promise<Buffer> {
  writeFileSync(join(folder, 'after'), 'more')
  execFileSync('tar', ['--sparse', ...options, '-cf', 'a.tar', 'sparse', 'after'], { cwd: folder })
  const to = join(folder, 'to')
  execFileSync('mkdir', ['-p', to])
  await extractTar(createReadStream(join(folder, 'a.tar'), { highWaterMark: 700 }), folderSink(to, '/'), {
    sparse: true,
  })
  expect(readFileSync(join(to, 'after'), 'utf8')).toBe('more')
  return readFileSync(join(to, 'sparse'))
}

const FORMS = [
  ['--format=gnu'],
  ['--format=pax', '--sparse-version=0.0'],
  ['--format=pax', '--sparse-version=0.1'],
  ['--format=pax', '--sparse-version=1.0'],
]

test.each([
  ['holes before, between and behind', [8192, 65536, 3_000_000], 5_000_000],
  ['no hole at its end', [0, 100 * 4096], 101 * 4096],
  ['nothing but a hole', [], 2_000_000],
  ['more pieces than one header has', Array.from({ length: 60 }, (_, at) => at * 3 * 4096), 1_000_000],
] as const)('a file with %s comes out whole of each form', async (_, places, size) => {
  const whole = sparseFile(places, size)
  for (const form of FORMS) expect((await unpacked(...form)).equals(whole)).toBe(true)
})

test('it is refused where what is stored must be what it is', async () => {
  sparseFile([8192], 100_000)
  for (const form of FORMS) {
    execFileSync('tar', ['--sparse', ...form, '-cf', 'a.tar', 'sparse'], { cwd: folder })
    const extracting = extractTar(createReadStream(join(folder, 'a.tar')), folderSink(folder, '/'))
    await expect(extracting).rejects.toMatchObject({ code: 'TAR_UNSUPPORTED' })
  }
})

test('a map that lies is refused', async () => {
  sparseFile([8192, 65536], 100_000)
  execFileSync('tar', ['--sparse', ...(FORMS[2] ?? []), '-cf', 'a.tar', 'sparse'], { cwd: folder })
  const bytes = readFileSync(join(folder, 'a.tar'), 'latin1')
  for (const [from, to] of [
    ['8192,4096,', '8192,4097,'],
    ['65536,4096', '00001,4096'],
    ['GNU.sparse.size=100000', 'GNU.sparse.size=000001'],
  ] as const) {
    expect(bytes).toContain(from)
    const lying = Buffer.from(bytes.replace(from, to), 'latin1')
    const extracting = extractTar(Readable.from([lying]), folderSink(folder, '/'), { sparse: true })
    await expect(extracting).rejects.toMatchObject({ code: 'TAR_MALFORMED' })
  }
})
