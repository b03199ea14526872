import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { lstat, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openImageStore } from '../../../src/image/index.ts'
import { asked, requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { BASE, type ImageLab, makeImageLab, storeFiles } from './image-lab.ts'

let lab: ImageLab
beforeAll(async () => {
  lab = await makeImageLab()
})
afterAll(() => lab.remove())

test('a RUN works in the image, and nothing of its surroundings stays in the layer', async () => {
  await lab.build(`${BASE}RUN hostname > /name && id -u > /id && echo "$PATH" > /path`, { tags: ['run'] })
  expect(await lab.run('run', 'cat', '/name', '/id')).toBe('build\n0')
  const [top] = await lab.store.layersOf('run')
  const names = spawnSync('ls', ['-A', top ?? ''], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n')
  expect(names).toEqual(['id', 'name', 'path'])
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(lab.folder)
})

test('a second build runs nothing and gives the same image', async () => {
  const text = `${BASE}RUN echo one > /one\nCOPY f /f`
  const first = await lab.build(text, { files: { f: '1' } })
  const second = await lab.build(text, { files: { f: '1' } })
  expect(second).toEqual({ imageId: first.imageId, imageIds: [first.imageId], cached: true })
  expect((await lab.build(text, { files: { f: '2' } })).cached).toBe(false)
})

test('what a step removes stays removed, and a folder made anew shows nothing of the old one', async () => {
  await lab.build(
    `${BASE}RUN mkdir /d && touch /d/old /gone\nRUN rm /gone && rm -r /d && mkdir /d && touch /d/new\nCOPY f /d/`,
    { files: { f: '1' }, tags: ['removed'] },
  )
  expect(await lab.run('removed', 'ls', '/d')).toBe('f\nnew')
  await expect(lab.run('removed', 'ls', '/gone')).rejects.toThrow('No such file')
})

test('a stage takes files from another with their owners, modes and links', async () => {
  await lab.build(
    `${BASE}RUN mkdir -p /out/sub && echo x > /out/sub/f && chown 33:34 /out/sub/f && chmod 4750 /out/sub/f && ln -s sub/f /out/l
FROM base
COPY --from=0 /out /in
COPY --from=base /bin/busybox /copy
COPY --from=base --chown=7:8 --chmod=600 /out/sub/f /own`,
    { tags: ['stages'] },
  )
  expect(await lab.run('stages', 'stat', '-c', '%u:%g %a %F', '/in/sub/f', '/in/l', '/own')).toBe(
    '33:34 4750 regular file\n0:0 777 symbolic link\n7:8 600 regular file',
  )
})

test('folders have the modes and times that BuildKit gives them, and devices are copied like all else', async () => {
  const make = [
    'mkdir -p /d/sub /e/sub /there',
    'echo x > /d/f && chmod 700 /d && chmod 750 /d/sub && chmod 711 /e/sub && chmod 733 /there',
    'mkfifo -m 600 /d/pipe && mknod -m 640 /d/null c 1 3 && chown 5:6 /d/null',
    'touch -d "2001-01-01 00:00:00" /d/null /d/pipe /d/f /d/sub /d && touch -d "2002-01-01 00:00:00" /e/sub /e',
  ]
  await lab.build(
    `${BASE}RUN ${make.join(' && ')}
FROM base
COPY --from=base /e /new/
COPY --from=base /d /new
COPY --from=base /d /there
COPY --from=base --chmod=0711 --chown=7 /d /mode
COPY --from=base --chmod=0640 /d/f /made/x`,
    { tags: ['folders'] },
  )
  const paths = '/new /new/sub /new/null /new/pipe /there /mode /mode/sub /mode/null /made/x'.split(' ')
  const told = await lab.run('folders', 'stat', '-c', '%n %a %u:%g %Y', ...paths)
  const y2001 = Date.UTC(2001, 0) / 1000
  expect(told.split('\n')).toEqual([
    `/new 755 0:0 ${y2001}`,
    `/new/sub 750 0:0 ${y2001}`,
    `/new/null 640 5:6 ${y2001}`,
    `/new/pipe 600 0:0 ${y2001}`,
    `/there 733 0:0 ${y2001}`,
    `/mode 711 7:7 ${y2001}`,
    `/mode/sub 711 7:7 ${y2001}`,
    `/mode/null 711 7:7 ${y2001}`,
    `/made/x 640 0:0 ${y2001}`,
  ])
  expect(await lab.run('folders', 'stat', '-c', '%a', '/made')).toBe('640')
  expect(await lab.run('folders', 'stat', '-c', '%F %t:%T', '/new/null')).toBe('character special file 1:3')
})

test('a wildcard that matches a link to nothing is told, and so is one that leads out', async () => {
  for (const target of ['nowhere', '/none/passwd']) {
    const text = `${BASE}RUN mkdir -p /d && echo x > /d/f && ln -s ${target} /d/l\nFROM base\nCOPY --from=base /d/* /flat/`
    await expect(lab.build(text)).rejects.toMatchObject({ code: 'COPY_SOURCE_MISSING' })
  }
})

test('COPY --chown names are those of the image, and folders that are made belong to them', async () => {
  await lab.build(
    `${BASE}RUN mkdir -p /etc && echo 'www:x:33:34::/:' > /etc/passwd && echo 'www:x:34:' > /etc/group
COPY --chown=www html/ /srv/www/
WORKDIR /srv/made/here
USER 33
WORKDIR /home/www`,
    { files: { 'html/index': 'hi' }, tags: ['owned'] },
  )
  expect(
    await lab.run(
      'owned',
      'stat',
      '-c',
      '%n %u:%g',
      '/srv/www',
      '/srv/www/index',
      '/srv/made/here',
      '/home/www',
    ),
  ).toBe('/srv/www 33:34\n/srv/www/index 33:34\n/srv/made/here 0:0\n/home/www 33:33')
})

test('a symlink in the image leads a copy inside the image, never out of it', async () => {
  await lab.build(
    `${BASE}RUN ln -s /var/tmp /escape && mkdir -p /var/tmp\nCOPY f /escape/${lab.folder.split('/').at(-1)}/f`,
    {
      files: { f: 'inside' },
      tags: ['escape'],
    },
  )
  expect(await lab.run('escape', 'cat', `${lab.folder}/f`)).toBe('inside')
  await expect(lstat(join(lab.folder, 'f'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('mounts of RUN are there for the command and leave no trace', async () => {
  const mounts =
    '--mount=type=cache,target=/cache --mount=type=secret,id=pw --mount=type=tmpfs,target=/scratch --mount=source=f,target=/seen --mount=from=base,source=/bin,target=/tools --mount=from=base,source=/bin/busybox,target=/own-tool'
  const text = `${BASE}FROM base
RUN ${mounts} date >> /cache/count && touch /scratch/x && cat /seen /run/secrets/pw > /got && ls /tools/busybox /own-tool >> /got
ARG N
RUN --mount=type=cache,target=/cache grep -c . /cache/count > /count`
  const options = { files: { f: 'bound ' }, secrets: { pw: Buffer.from('hidden\n') }, tags: ['mounts'] }
  await lab.build(text, options)
  await lab.build(text, { ...options, noCache: true })
  expect(await lab.run('mounts', 'cat', '/got', '/count')).toBe('bound hidden\n/own-tool\n/tools/busybox\n2')
  expect(await lab.run('mounts', 'ls', '/')).not.toMatch(/cache|scratch|seen|tool|run/)
})

test('a RUN that changes nothing makes no layer, whatever is mounted in it and the image lacks', async () => {
  const runs = [
    'RUN true',
    'RUN --mount=type=cache,target=/var/cache/deep --mount=type=tmpfs,target=/opt/t true',
    'RUN --mount=type=secret,id=pw --mount=from=base,source=/bin/busybox,target=/usr/own cat /run/secrets/pw /usr/own > /dev/null',
    'RUN <<EOF\n#!/bin/busybox sh\nls /run/tscompose-heredoc\nEOF',
  ]
  const secrets = { pw: Buffer.from('hidden') }
  await lab.build(`${BASE}RUN mkdir /opt /var && touch -d '2001-01-01 00:00:00' /opt`, { tags: ['lacking'] })
  await lab.build(`${BASE}FROM lacking\n${runs.join('\n')}`, { secrets, tags: ['unchanged'] })
  expect(await lab.store.layersOf('unchanged')).toEqual(await lab.store.layersOf('lacking'))
  // Where a step hides a folder of the layers below, there is no room but in its own layer.
  const hidden = `FROM lacking\nRUN rm -r /var && mkdir /var && touch /var/new\n${runs.slice(1, 2).join('')}`
  await lab.build(hidden, { tags: ['hidden'] })
  expect(await lab.run('hidden', 'ls', '/var')).toBe('new')
})

test('an image of more layers than fit below the numbers of fds that are given runs', async () => {
  await lab.build(BASE, { tags: ['few'] })
  const few = await lab.store.inspect('few')
  const lease = await lab.store.lease()
  const diffIds = [...few.diffIds]
  try {
    for (let index = 0; index < 130; index += 1) {
      const draft = await lease.draft()
      await writeFile(join(draft.upper, `many-${index}`), String(index))
      diffIds.push((await draft.commit())?.diffId ?? '')
    }
    const { architecture, os, created, config, history } = few
    const rootfs = { type: 'layers', diff_ids: diffIds } as const
    await lab.store.addImage({ architecture, os, created, config, history, rootfs }, ['many'])
  } finally {
    await lease.end()
  }
  expect(await lab.run('many', 'sh', '-c', 'ls -d /many-* | wc -l; cat /many-0 /many-129')).toBe('130\n0129')
})

test('a mount of a stage with rw can be written, and what is written is gone after the step', async () => {
  const mount = '--mount=from=base,source=/bin,target=/tools,rw'
  const text = `${BASE}FROM base\nRUN ${mount} echo x > /tools/new && rm /tools/sh && ls /tools > /first\nRUN ${mount} ls /tools > /then`
  await lab.build(text, { tags: ['writable'] })
  const read = async (path: string): Promise<string[]> =>
    (await lab.run('writable', '/bin/cat', path)).split('\n')
  const [first, then] = [await read('/first'), await read('/then')]
  expect(first).toContain('new')
  expect(first).not.toContain('sh')
  expect(then).toContain('sh')
  expect(then).not.toContain('new')
})

test('a script of its own interpreter, and one for the shell', async () => {
  await lab.build(
    `${BASE}RUN <<EOF\necho one > /one\necho two > /two\nEOF\nRUN <<EOF\n#!/bin/busybox cat\ntext\nEOF`,
    {
      tags: ['script'],
    },
  )
  expect(await lab.run('script', 'cat', '/one', '/two')).toBe('one\ntwo')
  expect(lab.events).toContainEqual(
    expect.objectContaining({ type: 'output', text: expect.stringContaining('text') }),
  )
})

test('ADD unpacks a tar archive with its owners', async () => {
  const source = join(lab.folder, 'archive')
  spawnSync('sh', ['-c', `mkdir -p ${source}/d && echo x > ${source}/d/f && chown 5:6 ${source}/d/f`])
  const archive = spawnSync('tar', ['-C', source, '-czf', '-', 'd']).stdout
  const context = join(lab.folder, 'archive-context.tar')
  spawnSync(
    'sh',
    ['-c', `mkdir ${context}.d && cp "$(command -v busybox)" ${context}.d/ && cat > ${context}.d/a.tgz`],
    {
      input: archive,
    },
  )
  await lab.build('', {
    context: { type: 'folder', path: `${context}.d` },
    dockerfileText: `${BASE}ADD a.tgz /unpacked/\nCOPY a.tgz /kept/`,
    tags: ['added'],
  })
  expect(await lab.run('added', 'stat', '-c', '%u:%g', '/unpacked/d/f')).toBe('5:6')
  expect(await lab.run('added', 'ls', '/kept')).toBe('a.tgz')
})

test('a context comes as a tar stream, compressed or not', async () => {
  const folder = join(lab.folder, 'streamed')
  spawnSync('sh', [
    '-c',
    `mkdir -p ${folder}/sub && cp "$(command -v busybox)" ${folder}/ && echo s > ${folder}/sub/f`,
  ])
  for (const flag of ['-c', '-cz']) {
    const { Readable } = await import('node:stream')
    const stream = Readable.from([spawnSync('tar', ['-C', folder, flag, '.'], { maxBuffer: 1e8 }).stdout])
    await lab.build('', {
      context: { type: 'tar', stream },
      dockerfileText: `${BASE}COPY sub /sub`,
      tags: ['streamed'],
    })
    expect(await lab.run('streamed', 'cat', '/sub/f')).toBe('s')
  }
})

test('a step that fails leaves the store as it was', async () => {
  const before = [await storeFiles(lab.store, 'configs'), await storeFiles(lab.store, 'layers')]
  await expect(lab.build(`${BASE}RUN echo on stdout; echo on stderr >&2; exit 7`)).rejects.toMatchObject({
    code: 'BUILD_STEP_FAILED',
    diagnostics: [
      { detail: expect.stringMatching(/on std(out|err)\n.*on std/s), range: { start: { line: 4 } } },
    ],
  })
  expect([await storeFiles(lab.store, 'configs'), await storeFiles(lab.store, 'layers')]).toEqual(before)
  expect(await storeFiles(lab.store, 'tmp')).toEqual([])
})

test('a command that is not there is a failed step too', async () => {
  await expect(lab.build(`${BASE}RUN ["/no/such"]`)).rejects.toMatchObject({ kind: expect.any(String) })
  expect(await storeFiles(lab.store, 'tmp')).toEqual([])
})

test('an abort kills the command and removes what was half-made', async () => {
  const abort = new AbortController()
  const work = lab.build(`${BASE}RUN echo up && sleep 3600`, {
    signal: abort.signal,
    onEvent: event =>
      event.type === 'output' && event.text.includes('up') && abort.abort(new Error('enough')),
  })
  await expect(work).rejects.toThrow()
  expect(await storeFiles(lab.store, 'tmp')).toEqual([])
})

test('a builder that is killed takes its command along, and the next build converges', async () => {
  const command = 'sleep 4242.4242'
  const script = join(import.meta.dirname, 'killed-build.ts')
  const builder = spawn(process.execPath, ['--import', 'tsx', script, lab.folder, lab.engineId, command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    builder.kill('SIGKILL')
  })
  await eventually('the command runs', () => commandLines().includes(command))
  builder.kill('SIGKILL')
  await once(builder, 'close')
  await eventually('the command is gone', () => !commandLines().includes(command))
  const store = await openImageStore({ root: lab.store.root })
  expect(await storeFiles(store, 'tmp')).toEqual([])
  await lab.build(`${BASE}RUN echo on > /on`, { tags: ['after'] })
  expect(await lab.run('after', 'cat', '/on')).toBe('on')
})

/** Command lines of all processes, words joined by blanks. */
function commandLines(): readonly string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()]
      } catch {
        // It ended while the list was read.
        return []
      }
    })
}

test('two builds at once, and the images of both are whole', async () => {
  await Promise.all([
    lab.build(`${BASE}RUN echo a > /who`, { tags: ['both:a'] }),
    lab.build(`${BASE}RUN echo b > /who`, { tags: ['both:b'] }),
  ])
  expect([await lab.run('both:a', 'cat', '/who'), await lab.run('both:b', 'cat', '/who')]).toEqual(['a', 'b'])
})

test('a store that is opened again knows everything; removing all leaves no layer', async () => {
  const store = await openImageStore({ root: lab.store.root })
  expect(await store.list()).toEqual(await lab.store.list())
  expect((await store.verify('both:a')).every(({ intact }) => intact)).toBe(true)
  await store.prune({ all: true })
  await store.pruneCache()
  expect(await storeFiles(store, 'layers')).toEqual([])
  expect(await storeFiles(store, 'configs')).toEqual([])
})

// Takes half a minute and the archive's mirror.
requires(asked('TSCOMPOSE_TEST_ARCHIVE')).test('debian:bookworm comes from the archive', {
  timeout: 600_000,
}, async () => {
  const progress: string[] = []
  const [a, b] = await Promise.all([
    lab.store.ensure('debian:bookworm', { onProgress: ({ status }) => progress.push(status) }),
    lab.store.ensure('debian:12'),
  ])
  expect(a.config.Labels).toMatchObject({
    'org.tscompose.source': 'archive',
    'org.tscompose.archive.suite': 'bookworm',
  })
  expect(a.diffIds).toEqual(b.diffIds)
  expect(progress[0]).toContain('archive')
  expect(
    await lab.run(
      'debian:bookworm',
      'sh',
      '-c',
      '. /etc/os-release && echo $VERSION_CODENAME && ls /var/lib/apt/lists',
    ),
  ).toBe('bookworm')
  const [layer] = await lab.store.layersOf('debian:bookworm')
  expect((await stat(join(layer ?? '', 'usr/bin/passwd'))).mode & 0o4000).toBe(0o4000)
})
