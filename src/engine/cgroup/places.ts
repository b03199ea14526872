import type { GroupBudget } from './budget.ts'
import { OWN_GROUP } from './own-group.ts'

/** Folder of the groups that containers ask for as parents of theirs, below which they are held. */
const PARENTS = 'parents'
/** What budgets' folders begin with: their names are projects', and one may be called as a control file. */
const BUDGET = 'project-'
const ID = /^[0-9a-f]{64}$/

/** In which groups a container's own lie. */
export interface GroupHome {
  /** Names with slashes between, that the container asked for. */
  readonly parent?: string
  /** What it shares with others: the outermost. */
  readonly budget?: GroupBudget
}

/** Where the groups of containers are below the engine's folders, as their records say, or as they were found. */
export class GroupPlaces {
  #homeOf: (id: string) => GroupHome | undefined = () => undefined
  /** The folders of groups that nobody knows any more. */
  readonly #strays = new Map<string, string>()

  follow(homeOf: (id: string) => GroupHome | undefined): void {
    this.#homeOf = homeOf
  }

  homeOf(id: string): GroupHome | undefined {
    return this.#homeOf(id)
  }

  placeOf(id: string): string {
    const home = this.#homeOf(id)
    const folder = home === undefined ? this.#strays.get(id) : folderOf(home)
    return folder === undefined || folder === '' ? id : `${folder}/${id}`
  }

  /** The folders between the engine's and the container's, outermost first. */
  stepsTo(id: string): string[] {
    const names = this.placeOf(id).split('/').slice(0, -1)
    return names.map((_, index) => names.slice(0, index + 1).join('/'))
  }

  /** Ids of all containers that have groups; what is found of them is kept. */
  find(roots: readonly string[], foldersIn: (path: string) => readonly string[]): string[] {
    const ids = new Set<string>()
    for (const root of roots)
      for (const name of foldersIn(root)) {
        if (name === PARENTS || name.startsWith(BUDGET)) this.#findBelow(root, name, foldersIn)
        else if (name !== OWN_GROUP) ids.add(name)
      }
    return [...ids, ...this.#strays.keys()].sort()
  }

  forget(id: string): void {
    this.#strays.delete(id)
  }

  #findBelow(root: string, below: string, foldersIn: (path: string) => readonly string[]): void {
    for (const name of foldersIn(`${root}/${below}`)) {
      if (!ID.test(name)) this.#findBelow(root, `${below}/${name}`, foldersIn)
      else if (this.#homeOf(name) === undefined) this.#strays.set(name, below)
    }
  }
}

/** The folder that all who share a budget are in. */
export function budgetFolder({ name }: GroupBudget): string {
  return `${BUDGET}${name}`
}

/** Whether a group is a budget's, by its path. */
export function isBudget(path: string): boolean {
  return path.slice(path.lastIndexOf('/') + 1).startsWith(BUDGET)
}

function folderOf({ parent, budget }: GroupHome): string {
  return [
    ...(budget === undefined ? [] : [budgetFolder(budget)]),
    ...(parent === undefined ? [] : [`${PARENTS}/${parent}`]),
  ].join('/')
}
