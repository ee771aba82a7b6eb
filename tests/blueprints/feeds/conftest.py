from tests.exports.stock_files.conftest import paper_app, runtime, stage

__all__ = ["paper_app", "runtime", "stage"]
