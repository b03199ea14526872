import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BuildResult } from '../../../src/image/index.ts'
import { BASE, type ImageLab, makeImageLab } from './image-lab.ts'

let lab: ImageLab
beforeAll(async () => {
  lab = await makeImageLab()
})
afterAll(() => lab.remove())

const files = {
  'app/a.txt': 'a',
  'app/b.md': 'b',
  'app/lib/c.txt': 'c',
  'app/lib/d.md': 'd',
  'app/node_modules/x/e.txt': 'e',
  'other/f.txt': 'f',
}

/** All files beneath a folder of an image, sorted. */
async function filesIn(image: string, folder: string): Promise<string[]> {
  return (await lab.run(image, 'find', folder, '-type', 'f')).split('\n').sort()
}

test('--exclude leaves out what its patterns name, and a source that is named itself stays', async () => {
  await lab.build(
    `${BASE}COPY --exclude=**/*.md --exclude=node_modules --exclude=!lib/d.md app /one
COPY --exclude=*.txt app/*.txt app/lib /two/
COPY --exclude=app/node_modules --chown=3:4 --chmod=700 . /three/`,
    { files, tags: ['excluded'] },
  )
  expect(await filesIn('excluded', '/one')).toEqual(['/one/a.txt', '/one/lib/c.txt', '/one/lib/d.md'])
  expect(await filesIn('excluded', '/two')).toEqual(['/two/a.txt', '/two/d.md'])
  expect(await lab.run('excluded', 'stat', '-c', '%u:%g %a', '/three/app', '/three/app/lib/c.txt')).toBe(
    '3:4 700\n3:4 700',
  )
})

test('what is excluded is no reason to copy again', async () => {
  const text = `${BASE}COPY --exclude=**/*.md app /one`
  await lab.build(text, { files })
  expect((await lab.build(text, { files: { ...files, 'app/b.md': 'B' } })).cached).toBe(true)
  expect((await lab.build(text, { files: { ...files, 'app/a.txt': 'A' } })).cached).toBe(false)
})

test('--exclude of a stage keeps links, and folders as they are there', async () => {
  await lab.build(
    `${BASE}RUN mkdir -p /s/d && chmod 2711 /s/d && chown 5:6 /s/d && touch -d @99 /s/d/f && ln -s f /s/d/l && touch /s/d/no && touch -d @77 /s/d
FROM base
RUN mkdir -p /t/old && ln -s old /t/d
COPY --from=0 --exclude=**/no /s /new
COPY --from=0 --exclude=**/no /s /t`,
    { tags: ['kept'] },
  )
  expect(await lab.run('kept', 'stat', '-c', '%n %a %u:%g %Y', '/new/d', '/new/d/f')).toBe(
    '/new/d 2711 5:6 77\n/new/d/f 644 0:6 99',
  )
  const script = 'readlink /new/d/l; readlink /t/d'
  expect(await lab.run('kept', 'sh', '-c', script)).toBe('f\nold')
  expect(await lab.run('kept', 'ls', '/new/d', '/t/old')).toBe('/new/d:\nf\nl\n\n/t/old:\nf\nl')
})

test('--parents keeps the folders that a source lies in, from /./ on', async () => {
  await lab.build(
    `${BASE}COPY --parents app/lib/c.txt other /one/
COPY --parents app/./lib/*.txt ./app/./lib /two
COPY --parents **/*.txt /three/
COPY --parents --exclude=app/node_modules app /four/`,
    { files, tags: ['parents'] },
  )
  expect(await filesIn('parents', '/one')).toEqual(['/one/app/lib/c.txt', '/one/other/f.txt'])
  expect(await filesIn('parents', '/two')).toEqual(['/two/lib/c.txt', '/two/lib/d.md'])
  expect(await filesIn('parents', '/three')).toEqual([
    '/three/app/a.txt',
    '/three/app/lib/c.txt',
    '/three/app/node_modules/x/e.txt',
    '/three/other/f.txt',
  ])
  expect(await filesIn('parents', '/four')).toEqual([
    '/four/app/a.txt',
    '/four/app/b.md',
    '/four/app/lib/c.txt',
    '/four/app/lib/d.md',
  ])
})

test('a symbolic --chmod changes what the source has, each file and folder its own', async () => {
  await lab.build(
    `${BASE}RUN mkdir -p /s/d /t/old && echo 1 > /s/d/f && chmod 640 /s/d/f && chmod 750 /s/d && echo 2 > /s/x && chmod 755 /s/x && chmod 711 /t/old
FROM base
RUN mkdir -p /t/d && chmod 711 /t/d
COPY --from=0 --chmod=o=g,u+s /s/x /x
COPY --from=0 --chmod=a+X,g+w /s /n
COPY --from=0 --chmod=go= --exclude=x /s /t
COPY --chmod=0 --chown=:5 app/a.txt /zero`,
    { files, tags: ['modes'] },
  )
  const modes = ['/x', '/n/d', '/n/d/f', '/n/x', '/t/d', '/t/d/f', '/zero']
  expect(await lab.run('modes', 'stat', '-c', '%n %a', ...modes)).toBe(
    '/x 4755\n/n/d 771\n/n/d/f 660\n/n/x 775\n/t/d 711\n/t/d/f 600\n/zero 0',
  )
  expect(await lab.run('modes', 'stat', '-c', '%u:%g', '/zero')).toBe('0:5')
})

test('--link makes a layer that is taken again when only what is below it has changed', async () => {
  const text = (base: string): string =>
    `${BASE}RUN ${base} > /base && mkdir /tmp && chmod 1777 /tmp && ln -s tmp /temporary\nCOPY --link app /srv/app\nCOPY --link --chown=1:2 other/f.txt /temporary/`
  await lab.build(text('echo 1'), { files, tags: ['linked:1'] })
  await lab.build(text('echo 2'), { files, tags: ['linked:2'] })
  const cached = lab.events.flatMap(event => (event.type === 'cached' ? [event.step] : []))
  expect(cached).toEqual([2, 3, 5, 6])
  const [one, two] = await Promise.all(['linked:1', 'linked:2'].map(name => lab.store.inspect(name)))
  expect(two?.diffIds.slice(-2)).toEqual(one?.diffIds.slice(-2))
  expect(await lab.run('linked:2', 'cat', '/base', '/srv/app/lib/c.txt', '/tmp/f.txt')).toBe('2\ncf')
  expect(await lab.run('linked:2', 'stat', '-c', '%a %u:%g', '/tmp', '/tmp/f.txt')).toBe('1777 0:0\n644 1:2')
})

test('names that are not UTF-8 are copied to the byte, and matched byte by byte', async () => {
  const context = join(lab.folder, 'odd')
  const odd = (path: string): Buffer => Buffer.from(`${context}/${path}`, 'latin1')
  for (const folder of ['', 'd\xe9']) mkdirSync(odd(folder))
  for (const path of ['a\xe9b', 'a\xe8b', 'd\xe9/x\xff', 'gone\xe9', 'gone\xe8'])
    writeFileSync(odd(path), path)
  copyFileSync('/bin/busybox', odd('busybox'))
  writeFileSync(odd('.dockerignore'), Buffer.from('gone\xe9\n', 'latin1'))
  const dockerfile = `${BASE}COPY a?b /one/
COPY d* /two/
COPY --exclude=**/x? --exclude=busybox . /three/
COPY --parents d?/x* /four/
ADD g* /five/
FROM base
COPY --from=0 /one/a* /one/
COPY --from=0 /two/ /two/
COPY --from=0 /three/ /three/
COPY --from=0 /four/*/* /four/
COPY --from=0 --chmod=u+x /five/*[^a] /five/
`
  writeFileSync(
    odd('Dockerfile'),
    Buffer.concat([Buffer.from(dockerfile), Buffer.from('COPY a\xe9b /six\n', 'latin1')]),
  )
  const build = (): Promise<BuildResult> =>
    lab.build('', { context: { type: 'folder', path: context }, tags: ['odd'] })
  await build()
  const shown = String.raw`find /one /two /three /four /five /six -type f | tr "\351\350\377" "EWF" | sort`
  expect((await lab.run('odd', 'sh', '-c', shown)).split('\n')).toEqual([
    '/five/goneW',
    '/four/dE/xF',
    '/four/xF',
    '/one/aEb',
    '/one/aWb',
    '/six',
    ...['.dockerignore', 'Dockerfile', 'aEb', 'aWb', 'goneW'].map(name => `/three/${name}`),
    '/two/xF',
  ])
  expect(await lab.run('odd', 'sh', '-c', 'od -An -tx1 /six')).toBe('61 c3 a9 62')
  expect((await build()).cached).toBe(true)
  writeFileSync(odd('d\xe9/x\xff'), 'other')
  expect((await build()).cached).toBe(false)
})

test('wildcards may match nothing, names may not; archives that are unpacked need no folder', async () => {
  await lab.build(`${BASE}COPY app/a.txt none* /one\nCOPY nothing* /two/`, { files, tags: ['nothing'] })
  expect(await lab.run('nothing', 'cat', '/one')).toBe('a')
  await expect(lab.build(`${BASE}COPY none /x`)).rejects.toMatchObject({ code: 'COPY_SOURCE_MISSING' })
  await expect(lab.build(`${BASE}COPY app/a.txt app/b.md /x`, { files })).rejects.toMatchObject({
    code: 'COPY_DESTINATION',
  })
  await expect(lab.build(`${BASE}COPY --chmod=u~x busybox /x`)).rejects.toMatchObject({
    code: 'DOCKERFILE_CHMOD',
  })
})
