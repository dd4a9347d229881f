/// How the note begins that a story is told again. The reporter runs in another process than the stories.
export const AGAIN = "told again: ";
