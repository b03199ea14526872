import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDERS = ['/bin', '/usr/bin']
/** What a shell script of a test may use in such an image. */
const TOOLS =
  'dash cat ls head wc stat mkdir readlink id mknod grep mawk sed tr cut sort tail rm ln chmod'.split(' ')

/** Whether this machine has the tools of Debian's base system, which `hostToolsContext` takes. */
export const hasHostTools: boolean = TOOLS.every(tool => placeOf(tool) !== undefined)

/**
 * A build context of the host's own shell and core utilities with the libraries that they load: an image of a distribution,
 * dynamically linked and with GNU's tools, for no download.
 */
export function hostToolsContext(): { readonly dockerfile: string; readonly files: Record<string, Buffer> } {
  const files: Record<string, Buffer> = {}
  for (const tool of TOOLS) {
    const place = placeOf(tool) ?? ''
    files[`root/bin/${tool}`] = readFileSync(place)
    for (const library of librariesOf(place)) files[`root${library}`] = readFileSync(library)
  }
  for (const [name, tool] of [
    ['sh', 'dash'],
    ['awk', 'mawk'],
  ] as const)
    files[`root/bin/${name}`] = files[`root/bin/${tool}`] ?? Buffer.alloc(0)
  files['root/etc/passwd'] = Buffer.from('root:x:0:0:root:/root:/bin/sh\n')
  return { dockerfile: 'FROM scratch\nCOPY root /\nRUN mkdir -p /tmp /root\nCMD ["sh"]\n', files }
}

function placeOf(tool: string): string | undefined {
  return FOLDERS.map(folder => join(folder, tool)).find(path => existsSync(path))
}

function librariesOf(program: string): string[] {
  const text = execFileSync('ldd', [program], { encoding: 'utf8' })
  return [...text.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => (path === undefined ? [] : [path]))
}
