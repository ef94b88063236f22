"""The open tab, brought into view on a narrow screen."""
