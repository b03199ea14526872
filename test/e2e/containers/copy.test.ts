import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { type PackedEntry, packTar, plainEntry } from '../../../src/tar/index.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// Files between here and the containers of a service: the rules of `docker cp`, whatever lies where.
let sandbox: Sandbox
let stopped = false
const at = (...parts: string[]): string => join(sandbox.folder, ...parts)
const inside = async (script: string): Promise<string> =>
  (await sandbox.ok('exec', '-T', '-u', '0', 'app', 'sh', '-c', script)).stdout
/** With bytes for standard input, and bytes of standard output. */
const piped = (input: Buffer, ...words: string[]): SpawnSyncReturns<Buffer> =>
  spawnSync(resolve('bin/tscompose'), words, { cwd: sandbox.folder, env: sandbox.env, input })
const cp = (...words: string[]): Promise<unknown> => sandbox.ok('cp', ...words)
const refused = async (code: string, ...words: string[]): Promise<void> => {
  const { status, stderr } = await sandbox.run('cp', ...words)
  expect({ status, code: /error (\w+)/.exec(stderr)?.[1] }).toEqual({ status: 1, code })
}

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    `
name: copy
services:
  app: {image: busybox, command: sleep infinity, stop_signal: KILL, user: "33:44", volumes: ["data:/data"]}
  pair: {image: busybox, command: sleep infinity, stop_signal: KILL, scale: 2}
  host: {image: busybox, command: sleep infinity, stop_signal: KILL, userns_mode: host}
volumes: {data: {}}
`,
  )
  await sandbox.ok('up', '-d')
  mkdirSync(at('tree/sub/empty'), { recursive: true })
  writeFileSync(at('tree/file'), 'one\n', { mode: 0o640 })
  writeFileSync(at('tree/sub/deep'), 'two\n')
  symlinkSync('file', at('tree/link'))
  symlinkSync('tree', at('link-to-tree'))
})
afterAll(() => sandbox.close())
beforeEach(async () => {
  rmSync(at('out'), { recursive: true, force: true })
  mkdirSync(at('out'))
  if (!stopped) await inside('rm -rf /t && mkdir /t && chmod 777 /t')
})

const LISTED = '. ./file ./link ./sub ./sub/deep ./sub/empty'
const listed = async (folder: string): Promise<string> =>
  (await inside(`cd ${folder} && find . | sort`)).trim().replaceAll('\n', ' ')
function listedHere(folder: string): string {
  const below = (name: string): string[] =>
    readdirSync(at(folder, name), { withFileTypes: true }).flatMap(entry => {
      const path = `${name}/${entry.name}`
      return entry.isDirectory() ? [path, ...below(path)] : [path]
    })
  return ['.', ...below('.')].sort().join(' ')
}

test('what its caller says is to be seen lies over a tmpfs that a link leads to, and no path leads out of its place', async () => {
  const docker = new Docker({ socketPath: sandbox.socket })
  const container = await docker.createContainer({
    Image: 'busybox',
    Cmd: ['cat', '/way/in/secret', '/run/in/secret', '/up'],
    HostConfig: { Tmpfs: { '/run': '' } },
  })
  const file = (name: string, text: string): PackedEntry => ({
    entry: plainEntry({ type: 'file', name, mode: 0o400, mtime: 1, size: text.length }),
    content: Buffer.from(text),
  })
  const link = plainEntry({ type: 'symlink', name: 'way', linkName: '/run', mode: 0o777, mtime: 1 })
  await container.putArchive(
    await buffer(packTar([{ entry: plainEntry({ type: 'folder', name: 'run' }) }, { entry: link }])),
    { path: '/' },
  )
  const files = [file('way/in/secret', 'kept\n'), file('up', 'here\n')]
  const overMounts = ['/way/in/secret', '/run/../../../up']
  await container.putArchive(await buffer(packTar(files)), { path: '/', overMounts })
  await container.start()
  await container.wait()
  const log = await container.logs({ stdout: true, stderr: true })
  expect(
    log
      .toString()
      .replaceAll(/[^a-z]+/g, ' ')
      .trim(),
  ).toBe('kept kept here')
  await container.remove()
  docker.modem.destroy()
})

describe('into a container', () => {
  test.each([
    ['a folder into one that is there', ['tree', 'app:/t'], '/t/tree'],
    ['a folder with a slash', ['tree/', 'app:/t/'], '/t/tree'],
    ['the content of a folder', ['tree/.', 'app:/t'], '/t'],
    ['a folder to a new name', ['tree', 'app:/t/new'], '/t/new'],
    ['its content to a new name', ['tree/.', 'app:/t/new/'], '/t/new'],
    ['a folder that a link leads to, which is followed', ['-L', 'link-to-tree', 'app:/t'], '/t/link-to-tree'],
    ['a folder that a link with a slash leads to', ['link-to-tree/', 'app:/t'], '/t/link-to-tree'],
  ])('%s', async (_title, words, folder) => {
    await cp(...words)
    expect(await listed(folder)).toBe(LISTED)
    expect(
      await inside(
        `cat ${folder}/file ${folder}/sub/deep; readlink ${folder}/link; stat -c %a ${folder}/file`,
      ),
    ).toBe('one\ntwo\nfile\n640\n')
  })

  test('a file under its name, under another, and over one that is there', async () => {
    await cp('tree/file', 'app:/t')
    await cp('tree/file', 'app:/t/other')
    await cp('tree/sub/deep', 'app:/t/other')
    await cp('tree/file', 'app:t/relative')
    expect(await inside('cat /t/file /t/other /t/relative')).toBe('one\ntwo\none\n')
  })

  test('a link as one, or what it leads to', async () => {
    await cp('tree/link', 'app:/t')
    await cp('--follow-link', 'tree/link', 'app:/t/followed')
    expect(await inside('readlink /t/link; cat /t/followed; readlink /t/followed || echo none')).toBe(
      'file\none\nnone\n',
    )
  })

  test('through a link there, to where it leads', async () => {
    await inside(
      'mkdir /t/real && ln -s real /t/way && ln -s real/new /t/made && ln -s /t/real/over /t/file && touch /t/real/over',
    )
    await cp('tree/file', 'app:/t/way')
    await cp('tree/file', 'app:/t/made')
    await cp('tree/sub/deep', 'app:/t/file')
    expect(await inside('cd /t/real && cat file new over')).toBe('one\none\ntwo\n')
  })

  test('with the owner that it has here, or with -a the user of the container', async () => {
    await cp('tree/file', 'app:/t/mine')
    await cp('-a', 'tree/file', 'app:/t/theirs')
    expect(await inside('stat -c %u:%g /t/mine /t/theirs')).toBe('0:0\n33:44\n')
  })

  test('a tar from standard input', async () => {
    const tar = spawnSync('tar', ['-c', '-C', at('tree'), '.']).stdout
    expect(piped(tar, 'cp', '-', 'app:/t').status).toBe(0)
    expect(await listed('/t')).toBe(LISTED)
    expect(String(piped(tar, 'cp', '-', 'app:/t/nosuch').stderr)).toContain('COPY_PLACE')
    expect(piped(tar, 'cp', '-', 'pair:/tmp').status).toBe(0)
    for (const index of ['1', '2'])
      expect((await sandbox.ok('exec', '-T', '--index', index, 'pair', 'cat', '/tmp/sub/deep')).stdout).toBe(
        'two\n',
      )
  })

  test('into each container of a service, or one', async () => {
    await cp('tree/file', 'pair:/tmp/both')
    await cp('--index', '2', 'tree/file', 'pair:/tmp/second')
    const seen = async (index: string): Promise<string> =>
      (
        await sandbox.ok(
          'exec',
          '-T',
          '--index',
          index,
          'pair',
          'sh',
          '-c',
          'cd /tmp && ls -d both second 2>/dev/null || true',
        )
      ).stdout
    expect([await seen('1'), await seen('2')]).toEqual(['both\n', 'both\nsecond\n'])
  })

  test('what cannot be is refused', async () => {
    await inside('touch /t/file')
    for (const [from, to] of [
      ['', 'app:/t'],
      ['tree/file', ''],
      ['app:/t', ''],
      ['tree/file', 'app:'],
      ['app:', 'out'],
    ] as const)
      await refused('FLAG_VALUE', from, to)
    await refused('COPY_PLACE', 'tree', 'app:/t/file')
    await refused('COPY_PLACE', 'tree/file', 'app:/t/nosuch/')
    await refused('COPY_SOURCE', 'nosuch', 'app:/t')
    await refused('COPY_SOURCE', 'tree/file/', 'app:/t')
    await refused('NO_SUCH_SERVICE', 'tree', 'nosuch:/t')
    await refused('NO_CONTAINER', '--index', '7', 'tree', 'app:/t')
    await refused('FLAG_VALUE', 'app:/t', 'pair:/t')
    await refused('FLAG_VALUE', 'tree', 'out')
    // No folder is around it: the engine's word.
    expect((await sandbox.run('cp', 'tree/file', 'app:/nosuch/deep/file')).status).toBe(1)
  })
})

describe('out of a container', () => {
  beforeEach(() => cp('tree', 'app:/t'))

  test.each([
    ['a folder into one that is there', ['app:/t/tree', 'out'], 'out/tree'],
    ['the content of a folder', ['app:/t/tree/.', 'out'], 'out'],
    ['a folder to a new name', ['app:/t/tree', 'out/new'], 'out/new'],
    ['its content to a new name', ['app:/t/tree/.', 'out/new/'], 'out/new'],
  ])('%s', async (_title, words, folder) => {
    await cp(...words)
    expect(listedHere(folder)).toBe(LISTED)
    expect(readFileSync(at(folder, 'sub/deep'), 'utf8')).toBe('two\n')
    expect(readlinkSync(at(folder, 'link'))).toBe('file')
    expect(statSync(at(folder, 'file')).mode & 0o7777).toBe(0o640)
    expect(statSync(at(folder, 'file')).mtimeMs).toBe(
      Math.floor(statSync(at('tree/file')).mtimeMs / 1000) * 1000,
    )
  })

  test('a file under its name, under another, and over one that is there', async () => {
    await cp('app:/t/tree/file', 'out')
    await cp('app:/t/tree/sub/deep', 'out/other')
    await cp('app:/t/tree/file', 'out/other')
    await cp('app:/t/tree/link', 'out')
    await cp('-L', 'app:/t/tree/link', 'out/followed')
    expect(readFileSync(at('out/file'), 'utf8')).toBe('one\n')
    expect(readFileSync(at('out/other'), 'utf8')).toBe('one\n')
    expect(readlinkSync(at('out/link'))).toBe('file')
    expect(lstatSync(at('out/followed')).isFile()).toBe(true)
  })

  test('as a tar', async () => {
    const { stdout } = piped(Buffer.of(), 'cp', 'app:/t/tree', '-')
    const names = String(spawnSync('tar', ['-t'], { input: stdout }).stdout)
    expect(names.split('\n').filter(name => name.endsWith('deep'))).toEqual(['tree/sub/deep'])
  })

  test('no link that a container has made is walked through here', async () => {
    await inside('mkdir /t/evil && ln -s ../../.. /t/evil/way && cd /t/tree && rm link && ln -s /etc link')
    mkdirSync(at('out/tree'))
    symlinkSync('../../tree', at('out/tree/sub'))
    await refused('COPY_SOURCE', 'app:/t/nosuch', 'out')
    await refused('COPY_PLACE', 'app:/t/tree', 'out')
    expect(existsSync(at('tree/deep'))).toBe(false)
    await cp('app:/t/evil', 'out')
    expect(readlinkSync(at('out/evil/way'))).toBe('../../..')
  })

  test('to where a link of ours leads, be it to nothing yet, and the link stays', async () => {
    writeFileSync(at('out/real'), 'old')
    symlinkSync('real', at('out/link'))
    symlinkSync('nothing', at('out/first'))
    symlinkSync('first', at('out/dangling'))
    await cp('app:/t/tree/file', 'out/link')
    await cp('app:/t/tree/file', 'out/dangling')
    expect(readlinkSync(at('out/link'))).toBe('real')
    expect(readlinkSync(at('out/dangling'))).toBe('first')
    expect([readFileSync(at('out/real'), 'utf8'), readFileSync(at('out/nothing'), 'utf8')]).toEqual([
      'one\n',
      'one\n',
    ])
  })

  test('what the engine mounts, and what is mounted below a folder', async () => {
    for (const name of ['hosts', 'hostname', 'resolv.conf']) {
      await cp(`app:/etc/${name}`, 'out')
      expect(readFileSync(at('out', name), 'utf8')).toBe(await inside(`cat /etc/${name}`))
    }
    await cp('app:/etc', 'out/etc')
    expect(readFileSync(at('out/etc/hosts'), 'utf8')).toBe(await inside('cat /etc/hosts'))
    writeFileSync(at('out/hosts'), `${await inside('cat /etc/hosts')}10.9.9.9 written\n`)
    await cp('out/hosts', 'app:/etc/hosts')
    expect(await inside('grep -c written /etc/hosts')).toBe('1\n')
  })

  test('a setuid bit stays behind', async () => {
    await inside('touch /t/suid && chmod 4755 /t/suid')
    await cp('app:/t/suid', 'out')
    expect(statSync(at('out/suid')).mode & 0o7777).toBe(0o755)
  })

  test('what cannot be is refused', async () => {
    writeFileSync(at('out/file'), '')
    await refused('COPY_PLACE', 'app:/t/tree', 'out/file')
    await refused('COPY_PLACE', 'app:/t/tree/file', 'out/nosuch/')
    await refused('COPY_PLACE', 'app:/t/tree/file', 'out/nosuch/file')
    await refused('COPY_PLACE', 'app:/t/tree/file', 'out/file/')
    expect((await sandbox.run('cp', 'app:/t/nosuch', 'out')).status).toBe(1)
    mkdirSync(at('out/tree'))
    writeFileSync(at('out/tree/sub'), 'a file')
    await refused('COPY_PLACE', 'app:/t/tree', 'out')
  })

  test('no device or pipe of this machine is put in the place of, nor is a file by one of a container', async () => {
    expect(spawnSync('mkfifo', [at('out/pipe'), at('out/deep')]).status).toBe(0)
    await refused('COPY_PLACE', 'app:/t/tree/file', 'out/pipe')
    await refused('COPY_PLACE', 'app:/t/tree/sub/deep', 'out')
    expect([lstatSync(at('out/pipe')).isFIFO(), lstatSync(at('out/deep')).isFIFO()]).toEqual([true, true])
    await inside('mkdir /t/odd && mkfifo /t/odd/kept && touch /t/odd/other')
    mkdirSync(at('out/odd'))
    writeFileSync(at('out/odd/kept'), 'mine')
    await cp('app:/t/odd', 'out')
    expect(readFileSync(at('out/odd/kept'), 'utf8')).toBe('mine')
    expect(existsSync(at('out/odd/other'))).toBe(true)
  })

  test('further names of a file and pipes go both ways, devices are counted', async () => {
    mkdirSync(at('special/below'), { recursive: true })
    writeFileSync(at('special/file'), 'one')
    linkSync(at('special/file'), at('special/below/again'))
    expect(spawnSync('mkfifo', ['-m', '640', at('special/pipe')]).status).toBe(0)
    expect(spawnSync('mknod', [at('special/null'), 'c', '1', '3']).status).toBe(0)
    const copied = await sandbox.ok('cp', 'special', 'app:/t/special')
    expect(copied.stderr).toContain('1 device left out')
    expect(await inside('cd /t/special; stat -c "%h %F" file below/again pipe; ls')).toBe(
      '2 regular file\n2 regular file\n1 fifo\nbelow\nfile\npipe\n',
    )
    await cp('special/pipe', 'app:/t/alone')
    expect(await inside('stat -c %F /t/alone')).toBe('fifo\n')
    await cp('app:/t/special', 'out')
    expect(statSync(at('out/special/file')).ino).toBe(statSync(at('out/special/below/again')).ino)
    const pipe = lstatSync(at('out/special/pipe'))
    expect([pipe.isFIFO(), pipe.mode & 0o7777]).toEqual([true, 0o640])
    // Nobody makes one in a user namespace.
    await sandbox.ok('exec', '-T', 'host', 'sh', '-c', 'mkdir /d && mknod /d/zero c 1 5 && touch /d/file')
    const back = await sandbox.ok('cp', 'host:/d', 'out/devices')
    expect(back.stderr).toContain('1 device left out')
    expect(readdirSync(at('out/devices'))).toEqual(['file'])
  })
})

test('a dry run copies nothing and runs nothing', async () => {
  const { stdout } = await sandbox.ok('--dry-run', 'cp', 'tree/file', 'app:/t/dry')
  expect(stdout).toBe('would copy tree/file to copy-app-1:/t/dry\n')
  const run = await sandbox.ok('--dry-run', 'exec', '-T', 'app', 'touch', '/t/dry')
  expect(run.stdout).toBe('would run touch /t/dry in copy-app-1\n')
  expect(await inside('ls /t')).toBe('')
})

describe('of a container that does not run', () => {
  beforeAll(async () => {
    await sandbox.ok('stop')
    stopped = true
  })

  test('what the engine mounted last is copied out', async () => {
    await cp('app:/etc/hosts', 'out')
    expect(readFileSync(at('out/hosts'), 'utf8')).toContain('localhost')
  })

  test('files are copied in and out, in its volumes too', async () => {
    await cp('tree', 'app:/data')
    await cp('app:/data/tree/sub/.', 'out')
    expect(readFileSync(at('out/deep'), 'utf8')).toBe('two\n')
  })

  test('its files are written as a tar, or kept as an image', async () => {
    await cp('tree/file', 'app:/kept')
    await sandbox.ok('export', '-o', 'out/app.tar', 'app')
    const names = String(spawnSync('tar', ['-tf', at('out/app.tar')]).stdout).split('\n')
    expect(names).toContain('kept')
    expect(names).not.toContain('data/tree/file')
    expect(readdirSync(at('out'))).toEqual(['app.tar'])
    const { stdout } = piped(Buffer.of(), 'export', '--index=1', 'pair')
    expect(String(spawnSync('tar', ['-t'], { input: stdout }).stdout)).toContain('bin/busybox')
    await sandbox.ok(
      'commit',
      '-m',
      'as it was',
      '-a',
      'me',
      '-c',
      'ENV KEPT=yes',
      '--pause=false',
      'app',
      'kept:1',
    )
    sandbox.write(
      'kept.yaml',
      'services: {kept: {image: kept:1, command: sleep infinity, stop_signal: KILL}}\n',
    )
    const project = ['-p', 'kept', '-f', 'kept.yaml']
    await sandbox.ok(...project, 'up', '-d')
    const seen = await sandbox.ok(
      ...project,
      'exec',
      '-T',
      '-u',
      '0',
      'kept',
      'sh',
      '-c',
      'cat /kept; echo $KEPT',
    )
    expect(seen.stdout).toBe('one\nyes\n')
    await sandbox.ok(...project, 'down')
  })

  test('what cannot be is refused', async () => {
    const code = async (...words: string[]): Promise<string | undefined> =>
      (await sandbox.run(...words)).stderr.match(/error (\w+)/)?.[1]
    expect(await code('export', '-o', 'nosuch/file.tar', 'app')).toBe('OUTPUT_FILE')
    expect(await code('export', 'nosuch')).toBe('NO_SUCH_SERVICE')
    expect(await code('commit', '--index', '9', 'app', 'x')).toBe('NO_CONTAINER')
    expect((await sandbox.run('commit', 'app', 'BAD')).status).toBe(1)
    expect((await sandbox.run('commit', '-c', 'RUN true', 'app', 'x')).status).toBe(1)
  })
})
