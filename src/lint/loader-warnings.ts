/** A warning that the loader itself gives whenever it reads a file; `lint` repeats it, and it can be ignored like a rule. */
export interface LoaderWarning {
  readonly code: string
  readonly about: string
}

/** All warnings of the loader; a test compares this list with its sources. */
export const LOADER_WARNINGS: readonly LoaderWarning[] = [
  {
    code: 'COMMAND_CUT',
    about: 'A command as one text has shell syntax, and no shell runs it: the rest is dropped',
  },
  { code: 'DEPRECATED', about: 'An attribute is written in an old form' },
  { code: 'OBSOLETE_VERSION', about: 'The file has version:, which is ignored' },
  {
    code: 'SEVERAL_COMPOSE_FILES',
    about: 'Several Compose files are in the folder, and one of them is used',
  },
  { code: 'UNSET_VARIABLE', about: 'A variable is not set, and a blank text is used' },
  { code: 'YAML_11_BOOLEAN', about: 'A boolean is written as yes, on, y … which other tools read as a text' },
]
