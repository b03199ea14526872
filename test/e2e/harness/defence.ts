/** A piece of a source, and what stands there when it is gone. */
export interface Removal {
  readonly file: string
  readonly piece: string
  readonly instead: string
}

/** What holds off an attack or survives a fault, and the test that must fail when it is taken out. */
export interface Defence {
  /** As in `ATTACK_CASES` and `FAULT_CASES`. */
  readonly number: string
  readonly what: string
  readonly without: readonly Removal[]
  /** The test runs commands, which are built; what is written in C is built anyway. */
  readonly built?: true
  /** A test file, and a part of the name of a test there. */
  readonly test: readonly [file: string, name: string]
}

/** A piece that goes, for nothing or for something else. */
export const gone = (file: string, piece: string, instead = ''): Removal => ({ file, piece, instead })
