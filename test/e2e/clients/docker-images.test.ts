import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { present, requires } from '../../requires.ts'
import { layerOf } from '../harness/registry/publish.ts'
import { runProgram } from '../harness/run-program.ts'
import { makeSandbox, type Result, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

const DOCKER = ['/usr/local/bin/docker', '/usr/bin/docker'].find(path => existsSync(path))

requires(present('the Docker CLI', DOCKER)).describe('images with the stock Docker CLI', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    await sandbox.hold()
  })
  afterAll(() => sandbox.close())

  const docker = (...args: readonly string[]): Promise<Result> => {
    const env = {
      PATH: process.env['PATH'],
      HOME: sandbox.folder,
      DOCKER_HOST: `unix://${sandbox.socket}`,
      DOCKER_CONFIG: join(sandbox.folder, 'docker-config'),
    }
    return runProgram(DOCKER ?? '', args, { env, cwd: sandbox.folder, timeout: 60_000 })
  }
  const ok = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await docker(...args)
    expect({ args, status, stderr }).toMatchObject({ status: 0 })
    return stdout.trim()
  }
  const format = async (name: string, text: string): Promise<string> =>
    ok('image', 'inspect', '-f', text, name)

  test('save and load: the same images come back, by their tags or by their ids', async () => {
    showLogOnFailure(sandbox)
    await ok('tag', 'busybox', 'kept:1')
    const id = await format('kept:1', '{{.Id}}')
    await ok('save', '-o', 'both.tar', 'kept:1', 'busybox')
    await ok('save', '-o', 'bare.tar', id)
    await ok('rmi', 'kept:1')
    expect(await ok('load', '-i', 'both.tar')).toBe('Loaded image: kept:1\nLoaded image: busybox:latest')
    expect(await format('kept:1', '{{.Id}}')).toBe(id)
    await ok('rmi', 'kept:1')
    expect(await ok('load', '-q', '-i', 'bare.tar')).toBe(`Loaded image ID: ${id}`)
  })

  test('what is no archive, and what is not there, is refused', async () => {
    showLogOnFailure(sandbox)
    writeFileSync(join(sandbox.folder, 'foo.tar'), layerOf({ name: 'foo', content: 'foo' }))
    expect(await docker('load', '-i', 'foo.tar')).toMatchObject({ status: 1 })
    expect(await docker('save', '-o', 'none.tar', 'no-such-image')).toMatchObject({ status: 1 })
  })

  test('a list names the image of a container by its id once the tag is gone or another image has it', async () => {
    showLogOnFailure(sandbox)
    await ok('tag', 'busybox', 'used:1')
    const id = await format('used:1', '{{.Id}}')
    const container = await ok('create', 'used:1', 'true')
    const listed = async (): Promise<string> => {
      const [, name] = (await ok('ps', '-a', '--no-trunc', '--format', '{{.ID}} {{.Image}}'))
        .split('\n')
        .map(line => line.split(' '))
        .find(([other]) => other === container) ?? ['', '']
      return name ?? ''
    }
    expect(await listed()).toBe('used:1')
    await ok('rmi', '-f', 'used:1')
    expect(await listed()).toBe(id)
    await ok('commit', '-c', 'LABEL other=image', container, 'used:1')
    expect(await listed()).toBe(id)
    await ok('tag', id, 'used:1')
    expect(await listed()).toBe('used:1')
    await ok('rm', container)
    await ok('rmi', 'used:1')
  })

  test('import makes an image of a file tree, with changes', async () => {
    showLogOnFailure(sandbox)
    const busybox = readFileSync(['/bin/busybox', '/usr/bin/busybox'].find(path => existsSync(path)) ?? '')
    const tree = layerOf(
      { name: 'bin/busybox', mode: 0o755, content: busybox },
      { name: 'f', content: 'file' },
    )
    writeFileSync(join(sandbox.folder, 'tree.tar.gz'), gzipSync(tree))
    const changes = ['CMD ["/bin/busybox", "cat", "/f"]', 'ENV A=b', 'WORKDIR /bin'].flatMap(text => [
      '-c',
      text,
    ])
    const id = await ok('import', '-m', 'from a tree', ...changes, 'tree.tar.gz', 'tree:1')
    expect(await format('tree:1', '{{.Id}} {{.Comment}} {{.Config.WorkingDir}}')).toBe(
      `${id} from a tree /bin`,
    )
    expect(await ok('run', '--rm', 'tree:1')).toBe('file')
    expect(await ok('import', '--platform', 'linux/arm64', 'tree.tar.gz')).toMatch(/^sha256:/)
    expect(await docker('import', '-c', 'RUN x', 'tree.tar.gz')).toMatchObject({ status: 1 })
  })

  test('commit makes an image of a container: what it wrote, what it removed, what is said', async () => {
    showLogOnFailure(sandbox)
    const script = 'echo new > /etc/new; rm /etc/passwd; rm -r /tmp; mkdir /tmp'
    await ok('run', '--name', 'changed', '-e', 'A=1', '--label', 'l=1', 'busybox', 'sh', '-c', script)
    const id = await ok(
      'commit',
      '-a',
      'Me',
      '-m',
      'why',
      '-c',
      'ENV B=2',
      '-c',
      'CMD ["sh"]',
      'changed',
      'changed:1',
    )
    const text = '{{.Id}} {{.Author}} {{.Comment}} {{.Parent}} {{.Config.Labels.l}} {{json .Config.Cmd}}'
    const parent = await format('busybox', '{{.Id}}')
    expect(await format('changed:1', text)).toBe(`${id} Me why ${parent} 1 ["sh"]`)
    const listed = await new Docker({ socketPath: sandbox.socket }).listImages()
    expect(listed.find(({ Id }) => Id === id)).toMatchObject({ ParentId: parent })
    const list = 'cat /etc/new; ls /etc | grep -v mtab; ls /tmp; echo $A $B'
    expect(await ok('run', '--rm', 'changed:1', 'sh', '-c', list)).toBe(
      'new\nhostname\nhosts\nnew\nresolv.conf\n1 2',
    )
    expect(
      await ok('history', '--no-trunc', '--format', '{{.CreatedBy}}|{{.Size}}|{{.Comment}}', 'changed:1'),
    ).toContain(`sh -c ${script}|4B|why`)
    await ok('rm', 'changed')
    // The image in between stays as long as the one that was made of it.
    await ok('create', '--name', 'again', 'changed:1')
    await ok('commit', 'again', 'again:1')
    await ok('rm', 'again')
    expect(await ok('rmi', 'changed:1')).toBe('Untagged: changed:1')
    expect((await docker('rmi', '-f', id)).stderr).toContain('image has dependent child images')
    const listedIds = async (...args: readonly string[]): Promise<string> =>
      ok('images', '-q', '--no-trunc', ...args)
    expect([await listedIds(), await listedIds('-a')].map(ids => ids.includes(id))).toEqual([false, true])
    expect(await ok('rmi', 'again:1')).toContain(`Deleted: ${id}`)
    expect(await docker('commit', 'no-such-container')).toMatchObject({ status: 1 })
  })

  test('commit of a running container freezes it meanwhile, and it runs on', async () => {
    showLogOnFailure(sandbox)
    await ok(
      'run',
      '-d',
      '--name',
      'running',
      'busybox',
      'sh',
      '-c',
      'while :; do date > /tick; sleep 0.05; done',
    )
    await ok('commit', 'running', 'running:1')
    expect(await ok('inspect', '-f', '{{.State.Status}}', 'running')).toBe('running')
    await ok('run', '--rm', 'running:1', 'true')
    await ok('rm', '-f', 'running')
  })

  test('rmi by name and by id says what Docker says, and a stopped container outlives its image', async () => {
    showLogOnFailure(sandbox)
    // None was committed from it, which would be another reason.
    const id = await ok('import', '-c', 'CMD ["b"]', 'tree.tar.gz', 'zero:1')
    await ok('tag', 'zero:1', 'one:a')
    await ok('tag', 'zero:1', 'two:b')
    expect(await docker('rmi', id)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('(must be forced) - image is referenced in multiple repositories'),
    })
    expect(await ok('rmi', 'one:a', 'two:b')).toBe('Untagged: one:a\nUntagged: two:b')
    const made = await ok('import', '-c', 'CMD ["/bin/busybox", "echo", "alive"]', 'tree.tar.gz', 'gone:1')
    const container = await ok('create', '--name', 'late', 'gone:1')
    expect(await docker('rmi', 'gone:1')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`container ${container.slice(0, 12)} is using its referenced image`),
    })
    expect(await ok('rmi', '-f', 'gone:1')).toBe(`Untagged: gone:1\nDeleted: ${made}`)
    expect(await ok('start', '-a', 'late')).toBe('alive')
    await ok('rm', 'late')
  })

  test('images by filters, prune by filters, and df that counts what is used', async () => {
    showLogOnFailure(sandbox)
    await ok('import', '-c', 'LABEL keep=yes', 'tree.tar.gz', 'kept:yes')
    await ok('import', '-c', 'LABEL keep=no', 'tree.tar.gz', 'kept:no')
    const named = async (filter: string): Promise<readonly string[]> =>
      (await ok('images', '--filter', filter, '--format', '{{.Repository}}:{{.Tag}}')).split('\n').toSorted()
    expect(await named('reference=kept')).toEqual(['kept:no', 'kept:yes'])
    expect(await named('label=keep=no')).toEqual(['kept:no'])
    expect(await named('since=kept:yes')).toEqual(['kept:no'])
    expect(await named('before=kept:yes')).toContain('busybox:latest')
    await ok('create', '--name', 'user', 'kept:yes', 'true')
    const usage = await ok('system', 'df', '--format', '{{.Type}} {{.Active}}')
    expect(usage).toContain('Images 1')
    expect(await ok('image', 'prune', '-af', '--filter', 'label=keep', '--filter', 'until=1h')).toContain(
      '0B',
    )
    expect(await ok('image', 'prune', '-af', '--filter', 'label=keep')).toContain('untagged: kept:no')
    expect(await named('reference=kept')).toEqual(['kept:yes'])
    await ok('rm', 'user')
  })
})
