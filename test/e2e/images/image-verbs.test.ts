import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { program, requires, root } from '../../requires.ts'
import { makeSandbox, type Result, type Sandbox } from '../harness/sandbox.ts'

requires(root).describe('images of the engine, by the command line', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    sandbox.write(
      'app/Dockerfile',
      'FROM busybox\nRUN echo here > /file\nLABEL of=verbs\nCMD ["cat", "/file"]\n',
    )
    // With a container the engine stays, and one image is in use.
    sandbox.write(
      'compose.yaml',
      'name: verbs\nservices:\n  app: {build: app, image: verbs-app}\n  hold: {image: busybox, command: [sleep, infinity], init: true}\n',
    )
    await sandbox.ok('up', '-d', 'hold')
    await sandbox.ok('build')
    await sandbox.ok('image', 'tag', 'verbs-app', 'verbs-app:second')
  })
  afterAll(() => sandbox.close())

  /** Between two looks time goes by. */
  const timeless = (text: string): string =>
    text
      .replaceAll(/(?:Less than a|About a|About an|\d+) \w+(?= ago| {2,}verbs)/g, 'some time')
      .replaceAll(/ {2,}/g, '  ')
  const lines = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await sandbox.ok(...args)).stdout.trimEnd().split('\n')
  const names = (...args: readonly string[]): Promise<readonly string[]> =>
    lines('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', ...args)

  /** With something on standard input. */
  async function fed(input: Buffer | string, ...args: readonly string[]): Promise<Result> {
    const child = spawn(resolve('bin/tscompose'), args, { cwd: sandbox.folder, env: sandbox.env })
    const output = { stdout: '', stderr: '' }
    child.stdout.on('data', text => {
      output.stdout += String(text)
    })
    child.stderr.on('data', text => {
      output.stderr += String(text)
    })
    child.stdin.end(input)
    const status = await new Promise<number>(settle => child.once('close', code => settle(code ?? 1)))
    return { status, ...output }
  }

  requires(root, program('docker')).test('lists are those of docker on the same socket', {}, async () => {
    const docker = (...args: readonly string[]): string =>
      execFileSync('docker', ['--host', `unix://${sandbox.socket}`, ...args], { encoding: 'utf8' })
    const id = (await lines('image', 'ls', '-q', '--no-trunc', 'verbs-app:second'))[0] ?? ''
    for (const args of [
      ['image', 'ls'],
      ['image', 'ls', '--digests', '--no-trunc'],
      ['image', 'ls', '-q'],
      ['image', 'ls', '--format', '{{.Containers}} {{.UniqueSize}} {{.SharedSize}}'],
      ['image', 'ls', 'verbs-app'],
      ['image', 'ls', '--filter', 'label=of=verbs', '--format', 'table {{.ID}}\t{{.Tag}}\t{{.Size}}'],
      ['image', 'history', 'verbs-app'],
      ['image', 'history', '--no-trunc', '--human=false', 'verbs-app'],
      ['image', 'inspect', 'verbs-app', 'busybox'],
      ['image', 'inspect', '--format', '{{.Id}} {{index .Config.Cmd 0}}', id],
      ['system', 'df'],
      ['system', 'df', '-v'],
    ])
      expect([args, timeless((await sandbox.ok(...args)).stdout)]).toEqual([args, timeless(docker(...args))])
  })

  test('all that can be told is told before what is missing', async () => {
    const { status, stdout, stderr } = await sandbox.run('image', 'inspect', 'nobody', 'verbs-app')
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toHaveLength(1)
    expect(stderr).toContain('error IMAGE_NOT_FOUND')
    expect((await sandbox.run('image', 'history', 'nobody')).stderr).toContain('error IMAGE_NOT_FOUND')
    expect((await sandbox.run('image', 'ls', '--filter', 'wrong')).stderr).toContain('error FLAG_VALUE')
  })

  test('a digest is no tag, and what is not there is removed by force', async () => {
    const [id = ''] = await lines('image', 'ls', '-q', '--no-trunc', 'verbs-app')
    const tagged = await sandbox.run('image', 'tag', 'verbs-app', `verbs-app:third@${id}`)
    expect([tagged.status, tagged.stderr]).toEqual([1, expect.stringContaining('error REFERENCE_INVALID')])
    const gone = await sandbox.run('image', 'rm', '-f', 'nobody', 'nothing')
    expect(gone).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/nobody:latest\n.*nothing:latest/),
    })
    expect((await sandbox.run('image', 'rm', 'nobody')).status).toBe(1)
  })

  test('what is saved is loaded again, from a file and from standard input', async () => {
    await sandbox.ok('image', 'save', 'verbs-app', 'busybox', '-o', 'all.tar')
    const removed = await lines('image', 'rm', 'verbs-app:second', 'verbs-app')
    expect(removed.slice(0, 2)).toEqual(['Untagged: verbs-app:second', 'Untagged: verbs-app:latest'])
    expect(await lines('image', 'load', '-i', 'all.tar')).toEqual(
      expect.arrayContaining(['Loaded image: verbs-app:latest', 'Loaded image: busybox:latest']),
    )
    const archive = readFileSync(join(sandbox.folder, 'all.tar'))
    expect((await fed(archive, 'image', 'load')).stdout).toContain('Loaded image: verbs-app:latest\n')
    await sandbox.ok('image', 'tag', 'verbs-app', 'verbs-app:second')
    expect((await fed('no archive', 'image', 'load')).status).toBe(1)
    expect((await sandbox.run('image', 'load', '-i', 'missing')).stderr).toContain('error INPUT_FILE')
    const nowhere = await sandbox.run('image', 'save', 'verbs-app', '-o', 'no/such/folder')
    expect(nowhere.stderr).toContain('error OUTPUT_FILE')
  })

  test('a tree of files becomes an image', async () => {
    writeFileSync(join(sandbox.folder, 'word'), 'imported\n')
    const tar = execFileSync('tar', ['-C', sandbox.folder, '-c', 'word'])
    const change = ['-c', 'CMD ["cat", "/word"]', '-m', 'from a tar']
    const { stdout } = await fed(tar, 'image', 'import', ...change, '-', 'verbs-flat:1')
    expect(await lines('image', 'inspect', '--format', '{{.Id}} {{.Comment}}', 'verbs-flat:1')).toEqual([
      `${stdout.trim()} from a tar`,
    ])
    writeFileSync(join(sandbox.folder, 'tree.tar'), tar)
    await sandbox.ok('image', 'import', 'tree.tar', 'verbs-flat:2')
    expect(await names('verbs-flat')).toEqual(expect.arrayContaining(['verbs-flat:1', 'verbs-flat:2']))
    await sandbox.ok('image', 'remove', 'verbs-flat:1', 'verbs-flat:2')
    expect((await sandbox.ok('image', 'list', '-q', 'verbs-flat')).stdout).toBe('')
  })

  test('what is in use stays, and nothing is removed without a yes', async () => {
    expect((await sandbox.run('image', 'rm', 'busybox')).stderr).toContain('error IMAGE_IN_USE')
    const before = await names()
    expect(await fed('n\n', 'image', 'prune', '-a')).toMatchObject({ status: 0, stdout: '' })
    expect(await fed('n\n', 'system', 'prune', '-a')).toMatchObject({ status: 0, stdout: '' })
    expect(await names()).toEqual(before)
    const pruned = await fed('y\n', 'image', 'prune', '-a')
    expect(pruned.stdout).toMatch(/^Deleted Images:\nuntagged: verbs-app:/)
    expect(pruned.stdout).toMatch(/\nTotal reclaimed space: \S+B\n$/)
    expect(await names()).toEqual(['busybox:latest'])
  })

  test('a pruning of all takes stopped containers, networks, images and steps, and builds have one of their own', async () => {
    await sandbox.ok('build')
    await sandbox.ok('up', '-d', 'app')
    await sandbox.ok('wait', 'app')
    expect((await sandbox.ok('builder', 'prune', '-f', '--keep-storage', '10GB')).stdout).toBe(
      'Total reclaimed space: 0B\n',
    )
    const { stdout } = await sandbox.ok('system', 'prune', '-af')
    for (const title of ['Deleted Containers:', 'Deleted Images:', 'Deleted build cache objects:'])
      expect(stdout).toContain(`${title}\n`)
    expect(await names()).toEqual(['busybox:latest'])
    expect((await sandbox.ok('builder', 'prune', '-f')).stdout).toBe('Total reclaimed space: 0B\n')
    expect((await lines('system', 'df', '--format', '{{.Type}} {{.TotalCount}}')).slice(0, 2)).toEqual([
      'Images 1',
      'Containers 1',
    ])
  })
})
