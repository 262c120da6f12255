/** Why a file could not be written, in words, from Node's error. */
export const unwritableBecause = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'its folder does not exist';
    case 'ENOTDIR':
      return 'its folder is no folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EROFS':
      return 'the disk can only be read';
    case 'ENOSPC':
      return 'the disk is full';
    case 'EDQUOT':
      return 'the disk quota is used up';
    case 'EISDIR':
      return 'it is a directory';
    case 'ENAMETOOLONG':
      return 'its name is too long';
    case 'ELOOP':
      return 'its links lead in a circle';
    case 'EFBIG':
      return 'it would be larger than files may be here';
    case 'ENXIO':
      return 'nobody reads from this pipe';
    case 'ABORT_ERR':
      return 'nobody read it in time';
    default:
      return message;
  }
};
