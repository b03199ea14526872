import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { present, requires } from '../../requires.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'
import { BUILDX, buildxIn } from './buildx.ts'

// What is said of files that a build gives out stands beside them, as BuildKit has it (exporter/local/fs.go of its sources).
requires(present('Docker Buildx', BUILDX)).describe('Docker Buildx and what is said of files', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    await sandbox.hold()
    sandbox.write('app/file', 'content')
    sandbox.write('app/Dockerfile', 'FROM scratch\nCOPY file /zz/file\nCOPY file /a\n')
    sandbox.write('own/provenance.json', 'not ours')
    sandbox.write('own/Dockerfile', 'FROM scratch\nCOPY provenance.json /\n')
  })
  afterAll(() => sandbox.close())

  const build = async (to: string, ...words: string[]): Promise<readonly string[]> => {
    showLogOnFailure(sandbox)
    await buildxIn(sandbox).ok(['build', '-o', `type=local,dest=${to}`, ...words])
    return readdirSync(join(sandbox.folder, to)).toSorted()
  }
  const read = (...path: string[]): Record<string, unknown> =>
    JSON.parse(readFileSync(join(sandbox.folder, ...path), 'utf8'))
  const content = { sha256: createHash('sha256').update('content').digest('hex') }
  const subject = [
    { name: 'a', digest: content },
    { name: 'zz/file', digest: content },
  ]

  test('documents name each file with its digest', async () => {
    const asked = ['--provenance=mode=max', '--sbom=true', 'app']
    expect(await build('said', ...asked)).toEqual(['a', 'provenance.json', 'sbom.spdx.json', 'zz'])
    const statement = { _type: 'https://in-toto.io/Statement/v1', subject }
    expect(read('said', 'provenance.json')).toMatchObject({
      ...statement,
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: { buildDefinition: { externalParameters: { configSource: { path: 'Dockerfile' } } } },
    })
    expect(read('said', 'sbom.spdx.json')).toMatchObject({
      ...statement,
      predicateType: 'https://spdx.dev/Document',
    })
    await buildxIn(sandbox).ok(['build', '-o', 'type=tar,dest=said.tar', ...asked])
    const names = execFileSync('tar', ['-tf', 'said.tar'], { cwd: sandbox.folder, encoding: 'utf8' })
    expect(names.trim().split('\n')).toEqual(['a', 'provenance.json', 'sbom.spdx.json', 'zz/', 'zz/file'])
  })

  test('there are none unless somebody asks', async () => {
    expect(await build('plain', 'app')).toEqual(['a', 'zz'])
    expect(await build('inline', '--attest', 'type=provenance,inline-only=true', 'app')).toEqual(['a', 'zz'])
    expect(await build('refused', '--provenance=false', 'app')).toEqual(['a', 'zz'])
  })

  test('each platform has its own, and a document has the last word on its name', async () => {
    const platforms = ['--platform', 'linux/amd64,linux/arm64', '--provenance=true', 'app']
    expect(await build('many', ...platforms)).toEqual(['linux_amd64', 'linux_arm64'])
    for (const arch of ['amd64', 'arm64'])
      expect(read('many', `linux_${arch}`, 'provenance.json')).toMatchObject({
        subject,
        predicate: { buildDefinition: { externalParameters: { request: { platform: `linux/${arch}` } } } },
      })
    expect(await build('own-out', '--provenance=true', 'own')).toEqual(['provenance.json'])
    expect(read('own-out', 'provenance.json')).toHaveProperty('predicateType')
  })
})
