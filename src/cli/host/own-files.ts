import fs, { type Stats } from 'node:fs'
import { resolve } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'

// As they are now: `opened-files.ts` has others in their place, which ask here.
const { lstatSync, readlinkSync, statSync } = fs

/** Paths at which each process finds something of its own; /dev/stdin, /dev/fd and the like are links to these. */
const OWN = /^\/(?:dev\/tty|proc\/(?:self|thread-self))(?:\/|$)/

/** Of any process, the same for all who look; links in there lead to no path. */
const OF_A_PROCESS = /^\/proc\/\d+\//

/** /dev/null as `rdev`, which is the same for everybody. */
const NULL = 0x103

const MOST_LINKS = 40

/**
 * What is at a path, by who may open it in another's place. `own`: each process finds its own there. `pipe`: opening it waits for whoever is at its
 * other end. `device`: reading it may wait or not end. `plain`: all else, also where nothing is, or nothing that we may see.
 */
export type OwnFile = 'own' | 'pipe' | 'device' | 'plain'

/** Follows paths, link by link; a folder that was gone through is no link for as long as this lives, which is one command. */
export class OwnFiles {
  readonly #folders = new Set<string>()

  at(path: string): OwnFile {
    if (path.includes('\0')) return 'plain'
    try {
      return this.#follow(resolve(path), MOST_LINKS)
    } catch (error) {
      if (errnoOf(error) === undefined) throw error
      return 'plain' // nothing, or nothing that we may look at: whoever opens it says so
    }
  }

  #follow(path: string, links: number): OwnFile {
    if (OWN.test(path)) return 'own'
    if (OF_A_PROCESS.test(path)) return kindOf(statSync(path, { throwIfNoEntry: false }))
    const end = path.indexOf('/', 1)
    for (let at = end; at > 0; at = path.indexOf('/', at + 1)) {
      const folder = path.slice(0, at)
      if (this.#folders.has(folder)) continue
      const found = lstatSync(folder, { throwIfNoEntry: false })
      if (found === undefined) return 'plain'
      if (found.isSymbolicLink()) return this.#leadOn(folder, path.slice(at), links)
      this.#folders.add(folder)
    }
    const found = lstatSync(path, { throwIfNoEntry: false })
    return found?.isSymbolicLink() === true ? this.#leadOn(path, '', links) : kindOf(found)
  }

  #leadOn(link: string, rest: string, links: number): OwnFile {
    if (links === 0) return 'plain'
    return this.#follow(resolve(link, '..', readlinkSync(link)) + rest, links - 1)
  }
}

function kindOf(found: Stats | undefined): OwnFile {
  if (found?.isFIFO() === true) return 'pipe'
  const isDevice = found?.isBlockDevice() === true || found?.isCharacterDevice() === true
  return isDevice && found.rdev !== NULL ? 'device' : 'plain'
}
