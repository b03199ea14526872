import type { RemoteFile, RemoteLookup, RemoteProblem } from '../contract.ts'
import { parseRemote } from './reference.ts'

/** The remote references of one load: where each is on this machine, which are still to be fetched. */
export class Remotes {
  readonly #lookup: RemoteLookup | undefined
  readonly #unfetched = new Set<string>()
  readonly #references = new Map<string, string>()

  constructor(lookup: RemoteLookup | undefined) {
    this.#lookup = lookup
  }

  /** References that were asked for and are not here. */
  get unfetched(): readonly string[] {
    return [...this.#unfetched]
  }

  /** The file behind an address; undefined when it is not here: then `report` says why, or it is to be fetched first. */
  find(reference: string, report: (problem: RemoteProblem) => void): RemoteFile | undefined {
    if (parseRemote(reference) === undefined) {
      report(unsupported(reference))
      return undefined
    }
    const known = this.#lookup?.(reference)
    if (known === undefined) {
      if (this.#lookup === undefined) report(withoutLoader(reference))
      else this.#unfetched.add(reference)
      return undefined
    }
    if ('problem' in known) {
      report(known.problem)
      return undefined
    }
    this.#references.set(known.path, reference)
    return known
  }

  /** What people know a file by: the reference that it was fetched for, or its path. */
  nameOf(path: string): string {
    return this.#references.get(path) ?? path
  }
}

function unsupported(address: string): RemoteProblem {
  return {
    code: 'REMOTE_UNSUPPORTED',
    summary: `name a git repository or an OCI artefact, got "${address}"`,
    hint: 'write https://HOST/REPOSITORY.git#REF:FOLDER, git@HOST:REPOSITORY.git or oci://REGISTRY/NAME:TAG',
  }
}

function withoutLoader(reference: string): RemoteProblem {
  return {
    code: 'REMOTE_UNREACHABLE',
    summary: `cannot reach ${reference}: no loader for remote files is at hand`,
    hint: 'give the library one: openRemoteProject(options, loader)',
  }
}
