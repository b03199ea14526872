/** What `--chmod` makes of the permission bits of what is copied: always the same, or others by what they were. */
export type ModeChange =
  | { readonly kind: 'set'; readonly mode: number }
  | { readonly kind: 'change'; readonly actions: readonly ModeAction[] }

/** One action of a symbolic mode: for whom, how, and which permissions. */
export interface ModeAction {
  readonly who: string
  readonly operator: '+' | '-' | '='
  /** Of `rwxXst`, or one of `ugo` to take over from. */
  readonly permissions: string
}

const CLAUSE = /^([ugoa]*)((?:[+=-](?:[rwxXst]*|[ugo]))+)$/
const SHIFTS: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 }
const BITS: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 }

/** Reads an octal mode up to 07777, or a symbolic one as chmod(1) has it: `u+x,g=u,o-rwx`. undefined: it is neither. */
export function parseModeChange(text: string): ModeChange | undefined {
  if (/^[0-7]+$/.test(text)) {
    const mode = Number.parseInt(text, 8)
    return mode <= 0o7777 ? { kind: 'set', mode } : undefined
  }
  const actions: ModeAction[] = []
  for (const clause of text.split(',')) {
    const [, who = '', rest] = CLAUSE.exec(clause) ?? []
    if (rest === undefined) return undefined
    for (const [, operator = '', permissions = ''] of rest.matchAll(/([+=-])([rwxXstugo]*)/g))
      actions.push({ who, operator: operator as ModeAction['operator'], permissions })
  }
  return { kind: 'change', actions }
}

/** The permission bits that a file or folder gets. There is no umask: who names nobody means everybody. */
export function changedMode(mode: number, isFolder: boolean, change: ModeChange): number {
  if (change.kind === 'set') return change.mode
  return change.actions.reduce((current, action) => act(current, isFolder, action), mode)
}

function act(mode: number, isFolder: boolean, { who, operator, permissions }: ModeAction): number {
  const all = who === '' || who.includes('a')
  const classes = all ? ['u', 'g', 'o'] : [...who]
  const bits = classes.reduce((sum, each) => sum | permissionBits(each, mode, isFolder, permissions), 0)
  // The sticky bit is everybody's, or nobody's in particular: `o+t` does nothing.
  const sticky = permissions.includes('t') && (all || classes.some(each => each !== 'o')) ? 0o1000 : 0
  if (operator === '+') return mode | bits | sticky
  if (operator === '-') return mode & ~(bits | sticky)
  return (mode & ~classes.reduce((sum, each) => sum | ownBits(each), 0)) | bits | sticky
}

/** All bits that are a class's own. */
function ownBits(who: string): number {
  return (7 << (SHIFTS[who] ?? 0)) | setIdBit(who)
}

function setIdBit(who: string): number {
  if (who === 'u') return 0o4000
  return who === 'g' ? 0o2000 : 0
}

function permissionBits(who: string, mode: number, isFolder: boolean, permissions: string): number {
  const shift = SHIFTS[who] ?? 0
  const from = /^[ugo]$/.test(permissions) ? SHIFTS[permissions] : undefined
  if (from !== undefined) return ((mode >> from) & 7) << shift
  let bits = 0
  for (const permission of permissions) {
    if (permission === 'X') bits |= isFolder || (mode & 0o111) !== 0 ? 1 : 0
    else bits |= BITS[permission] ?? 0
  }
  return (bits << shift) | (permissions.includes('s') ? setIdBit(who) : 0)
}
