import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BuildContextAnswer, BuildContextManifest } from '../../api/types/index.ts'
import { type ErrorKind, failure } from '../../diagnostics/index.ts'
import { ignoreRules } from '../../tar/index.ts'
import { FakeDocker } from '../testing/fake-docker.ts'
import { lookAtContext } from './manifest.ts'
import { buildWithContext } from './send.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tscompose-send-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(files: Record<string, string>): void {
  const longAgo = Date.now() / 1000 - 60
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    utimesSync(join(root, path), longAgo, longAgo)
  }
}

function sourceOf(rules = ''): Parameters<typeof buildWithContext>[1] {
  return {
    folder: root,
    rules,
    choice: { rules: ignoreRules(rules), needed: ['Dockerfile', '.dockerignore'] },
    extra: [],
    parts: [],
  }
}

async function look(rules = ''): Promise<BuildContextManifest> {
  const { isIgnored, mayKeepIn } = ignoreRules(rules)
  const choose = (name: string, isFolder: boolean): 'take' | 'skip' | 'prune' =>
    isIgnored(name) ? (isFolder && mayKeepIn(name) ? 'skip' : 'prune') : 'take'
  return (await lookAtContext(root, rules, { choose })).manifest
}

const namesOf = ({ entries }: BuildContextManifest): readonly string[] => entries.map(([name]) => name)
const stampOf = (manifest: BuildContextManifest, wanted: string): string | undefined =>
  manifest.entries.find(([name]) => name === wanted)?.[5]

/** What is fresh has no stamp: waits until it is not. */
async function settled(path: string): Promise<string> {
  let stamp: string | undefined
  while (!stamp) {
    stamp = stampOf(await look(), path)
    await new Promise(setImmediate)
  }
  return stamp
}

test('a file of the same size and time has another stamp when it was changed or replaced', async () => {
  write({ a: 'one' })
  const times = statSync(join(root, 'a'))
  const first = await settled('a')
  expect(await settled('a')).toBe(first)
  writeFileSync(join(root, 'a'), 'two')
  utimesSync(join(root, 'a'), times.atime, times.mtime)
  const second = await settled('a')
  write({ b: 'six' })
  utimesSync(join(root, 'b'), times.atime, times.mtime)
  renameSync(join(root, 'b'), join(root, 'a'))
  expect(new Set([first, second, await settled('a')]).size).toBe(3)
})

test('what was changed a moment ago may change again without a trace, and has no stamp', async () => {
  write({ a: 'one' })
  chmodSync(join(root, 'a'), 0o600)
  expect(stampOf(await look(), 'a')).toBe('')
})

test('what was just changed and is large is looked at again: it would be sent twice', async () => {
  write({ a: 'x'.repeat(17 * 1024 * 1024) })
  expect(stampOf(await look(), 'a')).not.toBe('')
})

test('a folder that is ignored is there only with something in it that is not', async () => {
  write({ 'out/a/x': '', 'out/b/keep': '', 'other/x': '', src: '' })
  expect(namesOf(await look('out\nother\n!out/*/keep'))).toEqual(['out', 'out/b', 'out/b/keep', 'src'])
  expect(namesOf(await look('**\n!src'))).toEqual(['src'])
})

test('the same folder by other rules is another context', async () => {
  write({ src: '' })
  expect((await look()).key).not.toBe((await look('x')).key)
  expect((await look('x')).key).toBe((await look('x')).key)
})

async function namesIn(tar: Buffer): Promise<readonly string[]> {
  const names: string[] = []
  const archive = extract()
  archive.end(tar)
  for await (const entry of archive) {
    names.push(entry.header.name)
    entry.resume()
  }
  return names
}

/** An engine that lacks what a test says. */
class KeepingDocker extends FakeDocker {
  readonly filled: (readonly string[])[] = []
  lacks: (manifest: BuildContextManifest) => BuildContextAnswer = () => ({ missing: [], token: 'kept' })

  override async buildContext(body?: Readable | Uint8Array, options?: { fill: boolean }): Promise<never> {
    const bytes = body instanceof Uint8Array ? Buffer.from(body) : await buffer(body as Readable)
    const end = bytes.indexOf('\n')
    if (options?.fill) this.filled.push(await namesIn(bytes.subarray(end + 1)))
    const answer = options?.fill
      ? { missing: [], token: 'filled' }
      : this.lacks(JSON.parse(bytes.toString('utf8', 0, end)))
    return answer as never
  }
}

async function built(
  docker: FakeDocker,
  rules?: string,
): Promise<{ names: readonly string[]; token: string | undefined }> {
  return buildWithContext(docker, sourceOf(rules), undefined, async (context, { context: token }) => ({
    names: await namesIn(await buffer(context)),
    token,
  }))
}

test('only what the engine lacks is sent, and the Dockerfile beside it whatever the rules say', async () => {
  write({ Dockerfile: 'FROM a', '.dockerignore': 'Dockerfile', a: '1', b: '2' })
  const docker = new KeepingDocker()
  expect(await built(docker, 'Dockerfile')).toEqual({ names: ['Dockerfile', '.dockerignore'], token: 'kept' })
  expect(docker.filled).toEqual([])
  docker.lacks = ({ entries }) => ({ missing: entries.flatMap(([name], at) => (name === 'b' ? [at] : [])) })
  expect((await built(docker, 'Dockerfile')).token).toBe('filled')
  expect(docker.filled).toEqual([['b']])
})

test('an engine that keeps no contexts, holds this one, or has lost what it had of it, gets it whole', async () => {
  write({ Dockerfile: 'FROM a', a: '1' })
  const whole = { names: ['Dockerfile', 'a'], token: undefined }
  expect(await built(new FakeDocker())).toEqual(whole)
  const docker = new KeepingDocker()
  for (const code of ['CONTEXT_BUSY', 'CONTEXT_GONE']) {
    docker.lacks = () => {
      throw failure({ kind: 'conflict', code, summary: code })
    }
    expect(await built(docker)).toEqual(whole)
  }
})

test('a kept context that goes before the build has it is sent again; any other failure is the build’s', async () => {
  write({ Dockerfile: 'FROM a' })
  const docker = new KeepingDocker()
  const failing = (kind: ErrorKind, code: string, times: number): Promise<number> => {
    let calls = 0
    return buildWithContext(docker, sourceOf(), undefined, async () => {
      calls += 1
      if (calls <= times) throw failure({ kind, code, summary: code })
      return calls
    })
  }
  expect(await failing('conflict', 'CONTEXT_GONE', 2)).toBe(3)
  await expect(failing('conflict', 'CONTEXT_GONE', 9)).rejects.toMatchObject({ code: 'CONTEXT_GONE' })
  await expect(failing('conflict', 'OTHER', 1)).rejects.toMatchObject({ code: 'OTHER' })
})
