import pydoc

pydoc.pager("paged text\n" * 3)
pydoc.doc(abs)
