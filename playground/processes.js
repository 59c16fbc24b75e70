/* A page starts no other programs, such as a C compiler: netc is told so. */
mergeInto(LibraryManager.library, {
  posix_spawnp: function() {
    return {{{ cDefine("ENOSYS") }}};
  },
});
