import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memoryFolder } from '../../linux/testing/memory-folder.ts'
import { MergedTree } from '../layer/merged-tree.ts'
import { sbomOf } from './sbom.ts'

let folder: string
beforeEach(() => {
  folder = memoryFolder('tscompose-sbom-')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Document {
  readonly comment?: string
  readonly creationInfo: { readonly created: string }
  readonly packages: readonly {
    readonly SPDXID: string
    readonly name: string
    readonly externalRefs?: readonly { readonly referenceLocator: string }[]
  }[]
  readonly relationships: readonly unknown[]
}

async function list(
  files: Readonly<Record<string, string>>,
): Promise<{ document: Document; purls: readonly string[] }> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const tree = new MergedTree([{ folder, opaque: [] }])
  const { bytes } = await sbomOf({ id: 'sha256:1', name: 'app:1', created: '2020-01-02T03:04:05.678Z', tree })
  const document = JSON.parse(Buffer.from(bytes).toString()) as Document
  const purls = document.packages.flatMap(each => each.externalRefs ?? []).map(each => each.referenceLocator)
  return { document, purls }
}

test('packages of Debian are listed with their release, those that are removed are not', async () => {
  const { purls, document } = await list({
    'etc/os-release': 'ID=debian\nVERSION_CODENAME="bookworm"\n',
    'var/lib/dpkg/status': `Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9+deb12u7
Description: one
 Version: of a line that goes on

Package: gone
Status: deinstall ok config-files
Version: 1
Architecture: all
`,
    'var/lib/dpkg/status.d/tzdata': 'Package: tzdata\nVersion: 1:2024a-0\nArchitecture: all\n',
    'var/lib/dpkg/status.d/tzdata.md5sums': 'Package: no\nVersion: 1\n',
  })
  expect(purls).toEqual([
    'pkg:deb/debian/libc6@2.36-9%2Bdeb12u7?arch=amd64&distro=debian-bookworm',
    'pkg:deb/debian/tzdata@1%3A2024a-0?arch=all&distro=debian-bookworm',
  ])
  expect(document.creationInfo.created).toBe('2020-01-02T03:04:05Z')
  expect(document.relationships).toHaveLength(3)
  for (const { SPDXID } of document.packages) expect(SPDXID).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/)
})

test('so are those of Alpine, Python and npm, and rpm is said to be missing', async () => {
  const { purls, document } = await list({
    'etc/os-release': "ID=alpine\nVERSION_ID='3.20'\n",
    'lib/apk/db/installed': 'C:Q1x=\nP:musl\nV:1.2.5-r0\nA:x86_64\n\nP:busybox\nV:1.36\nA:x86_64\n',
    'usr/lib/python3/dist-packages/Foo_Bar-1.0.dist-info/METADATA':
      'Metadata-Version: 2.1\nName: Foo_Bar\nVersion: 1.0\n\nVersion: 2\n',
    'srv/package-lock.json': JSON.stringify({
      packages: {
        '': { version: '9' },
        'node_modules/@a/b': { version: '1.2.3' },
        'node_modules/x/node_modules/y': { version: '2.0.0' },
        'node_modules/test': { version: '1.0.0', dev: true },
      },
    }),
    'srv/node_modules/x/package-lock.json': '{"packages":{"node_modules/never":{"version":"1"}}}',
    'opt/package-lock.json': '{"lockfileVersion":1',
    'var/lib/rpm/rpmdb.sqlite': '',
  })
  expect(purls).toEqual([
    'pkg:apk/alpine/busybox@1.36?arch=x86_64&distro=alpine-3.20',
    'pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20',
    'pkg:npm/%40a/b@1.2.3',
    'pkg:npm/y@2.0.0',
    'pkg:pypi/foo-bar@1.0',
  ])
  expect(document.comment).toMatch(/rpm/)
})

test('an image without any has an empty list', async () => {
  expect((await list({ file: '' })).purls).toEqual([])
})
